// Package ackfirst acknowledges with certainty, and works then.
package ackfirst

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"time"

	"github.com/nats-io/nats.go/jetstream"
)

var client = &http.Client{Timeout: 10 * time.Second}

func Pull(ctx context.Context, c jetstream.Consumer, hook string) error {
	for ctx.Err() == nil {
		m, err := c.Next(jetstream.FetchMaxWait(5 * time.Second))
		if err != nil {
			continue
		}
		if err := m.DoubleAck(ctx); err != nil { // want `settled before the work is done.*\(earlydelete\)`
			return err
		}
		resp, err := client.Post(hook, "application/json", bytes.NewReader(m.Data()))
		if err != nil {
			return fmt.Errorf("%s: %w", m.Subject(), err)
		}
		resp.Body.Close()
	}
	return ctx.Err()
}
