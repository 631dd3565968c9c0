// Package kvstate changes a state under the revision that it was read with. What comes
// again finds the state already there, and changes nothing.
package kvstate

import (
	"context"
	"encoding/json"
	"log/slog"

	"github.com/nats-io/nats.go/jetstream"
)

type order struct {
	State string
	Seen  []string
}

type event struct{ ID, Order, State string }

func Listen(ctx context.Context, c jetstream.Consumer, orders jetstream.KeyValue) error {
	running, err := c.Consume(func(msg jetstream.Msg) {
		if err := apply(ctx, orders, msg.Data()); err != nil {
			slog.Warn("event", "err", err)
			_ = msg.Nak()
			return
		}
		_ = msg.Ack()
	})
	if err != nil {
		return err
	}
	defer running.Drain()
	<-ctx.Done()
	return nil
}

func apply(ctx context.Context, orders jetstream.KeyValue, data []byte) error {
	var e event
	if err := json.Unmarshal(data, &e); err != nil {
		return err
	}
	entry, err := orders.Get(ctx, e.Order)
	if err != nil {
		return err
	}
	var o order
	if err := json.Unmarshal(entry.Value(), &o); err != nil {
		return err
	}
	for _, id := range o.Seen {
		if id == e.ID {
			return nil
		}
	}
	o.State = e.State
	o.Seen = append(o.Seen, e.ID)
	next, err := json.Marshal(o)
	if err != nil {
		return err
	}
	_, err = orders.Update(ctx, e.Order, next, entry.Revision())
	return err
}
