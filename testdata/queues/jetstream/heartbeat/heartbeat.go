// Package heartbeat says InProgress every ten seconds while the work goes on.
package heartbeat

import (
	"context"
	"log/slog"
	"net/http"
	"strings"
	"time"

	"github.com/nats-io/nats.go/jetstream"
)

type Deployer struct {
	api  string
	http http.Client // a deployment may take an hour
}

func (d *Deployer) Start(ctx context.Context, js jetstream.JetStream) error {
	c, err := js.CreateConsumer(ctx, "DEPLOY", jetstream.ConsumerConfig{Durable: "deployer", AckWait: 30 * time.Second})
	if err != nil {
		return err
	}
	_, err = c.Consume(func(m jetstream.Msg) {
		ctx, stop := context.WithCancel(ctx)
		defer stop()
		go alive(ctx, stop, m)
		req, err := http.NewRequestWithContext(ctx, http.MethodPut, d.api, strings.NewReader(string(m.Data())))
		if err != nil {
			m.Term()
			return
		}
		resp, err := d.http.Do(req)
		if err != nil {
			slog.Error("deploy", "err", err)
			m.Nak()
			return
		}
		resp.Body.Close()
		if resp.StatusCode >= 300 {
			slog.Error("deploy", "status", resp.Status)
			m.NakWithDelay(time.Minute)
			return
		}
		if err := m.DoubleAck(ctx); err != nil {
			slog.Error("ack", "err", err)
		}
	})
	return err
}

func alive(ctx context.Context, stop func(), m jetstream.Msg) {
	tick := time.NewTicker(10 * time.Second)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			if err := m.InProgress(); err != nil {
				stop()
				return
			}
		}
	}
}
