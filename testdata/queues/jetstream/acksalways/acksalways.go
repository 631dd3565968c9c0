// Package acksalways acknowledges each message, also where its row was not written.
package acksalways

import (
	"context"
	"encoding/json"
	"log/slog"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/data/aztables"
	"github.com/nats-io/nats.go/jetstream"
)

type ticket struct{ Desk, Number, Text string }

type Desk struct{ tickets *aztables.Client }

func (d *Desk) Serve(ctx context.Context, js jetstream.JetStream) error {
	consumer, err := js.CreateOrUpdateConsumer(ctx, "TICKETS", jetstream.ConsumerConfig{
		Durable: "desk", AckPolicy: jetstream.AckExplicitPolicy, AckWait: time.Minute,
	})
	if err != nil {
		return err
	}
	running, err := consumer.Consume(func(msg jetstream.Msg) {
		if err := d.open(ctx, msg.Data()); err != nil {
			slog.Error("ticket", "subject", msg.Subject(), "err", err)
		}
		if err := msg.Ack(); err != nil { // want `settled although .* failed.*\(deleteonerror\)`
			slog.Error("ack", "err", err)
		}
	})
	if err != nil {
		return err
	}
	defer running.Stop()
	<-ctx.Done()
	return ctx.Err()
}

func (d *Desk) open(ctx context.Context, data []byte) error {
	var t ticket
	if err := json.Unmarshal(data, &t); err != nil {
		return err
	}
	row, err := json.Marshal(map[string]string{"PartitionKey": t.Desk, "RowKey": t.Number, "Text": t.Text})
	if err != nil {
		return err
	}
	_, err = d.tickets.UpsertEntity(ctx, row, nil)
	return err
}
