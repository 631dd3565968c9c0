// Package freshid publishes what follows from a message under an id that each attempt
// makes anew, so that the stream drops no duplicate.
package freshid

import (
	"context"
	"encoding/json"

	"github.com/google/uuid"
	"github.com/nats-io/nats.go/jetstream"
)

type Invoices struct {
	js jetstream.JetStream
}

func (i *Invoices) Run(ctx context.Context, c jetstream.Consumer) error {
	for {
		batch, err := c.Fetch(10)
		if err != nil {
			return err
		}
		for m := range batch.Messages() {
			if err := i.bill(ctx, m); err != nil {
				return err
			}
			if err := m.Ack(); err != nil {
				return err
			}
		}
		if err := batch.Error(); err != nil {
			return err
		}
	}
}

func (i *Invoices) bill(ctx context.Context, m jetstream.Msg) error {
	var order struct{ Number string }
	if err := json.Unmarshal(m.Data(), &order); err != nil {
		return err
	}
	body, err := json.Marshal(map[string]string{"order": order.Number})
	if err != nil {
		return err
	}
	_, err = i.js.Publish(ctx, "invoices.new", body, jetstream.WithMsgID(uuid.NewString())) // want `\(freshkey\)`
	return err
}
