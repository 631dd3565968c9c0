// Package ackfirst acknowledges an order as soon as it was parsed: what comes later is
// lost with the process.
package ackfirst

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"

	"cloud.google.com/go/firestore"
	"cloud.google.com/go/pubsub/v2"
)

type Order struct {
	Number   string
	Customer string
	Cents    int64
}

type Intake struct {
	Orders *firestore.CollectionRef
	Log    *slog.Logger
}

func (in *Intake) Run(ctx context.Context, client *pubsub.Client, subscription string) error {
	if err := client.Subscriber(subscription).Receive(ctx, in.take); err != nil {
		return fmt.Errorf("orders: %w", err)
	}
	return nil
}

func (in *Intake) take(ctx context.Context, m *pubsub.Message) {
	var o Order
	if err := json.Unmarshal(m.Data, &o); err != nil {
		in.Log.Error("no order", "id", m.ID, "err", err)
		m.Ack()
		return
	}
	m.Ack() // want `settled before the work is done.*\(earlydelete\)`

	if _, err := in.Orders.Doc(o.Number).Set(ctx, o); err != nil {
		in.Log.Error("order not stored", "number", o.Number, "err", err)
	}
}
