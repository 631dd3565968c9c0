// Package billing writes invoices. When that fails it only says so, and returns nothing
// that would keep the event: the bus takes it for done.
package billing

import (
	"context"
	"encoding/json"
	"log"

	"github.com/idemlint/idemlint/testdata/queues/directives/swallowed/bus"
)

// Invoices keeps invoices.
type Invoices interface {
	// Put stores one under its number.
	//
	//idemlint:write key=1
	Put(ctx context.Context, number string, text []byte) error
}

type order struct {
	Number string
	Total  int
}

// Biller makes an invoice of each order.
type Biller struct{ invoices Invoices }

// Consume implements bus.Consumer.
func (b *Biller) Consume(ctx context.Context, e bus.Event) error {
	var o order
	if err := json.Unmarshal(e.Payload, &o); err != nil {
		log.Printf("event %s is no order: %v", e.ID, err)
		return nil
	}
	text, err := json.Marshal(o)
	if err != nil {
		return err
	}
	if err := b.invoices.Put(ctx, o.Number, text); err != nil {
		log.Printf("invoice %s: %v", o.Number, err)
	}
	return nil // want `settled although the work failed: when billing.Invoices Put fails.*\(deleteonerror\)`
}

var _ bus.Consumer = (*Biller)(nil)
