// Package chargekey charges a card for each confirmed booking.
//
// Right: the booking's id is the idempotency key, the same on each delivery.
package chargekey

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/Azure/azure-sdk-for-go/sdk/storage/azqueue"
	"github.com/stripe/stripe-go/v82"
	"github.com/stripe/stripe-go/v82/paymentintent"
	"github.com/stripe/stripe-go/v82/refund"
)

type booking struct {
	ID       string `json:"id"`
	Customer string `json:"customer"`
	Cents    int64  `json:"cents"`
	Refund   string `json:"refund"`
}

// Charge handles one booking.
func Charge(ctx context.Context, queue *azqueue.QueueClient) error {
	resp, err := queue.DequeueMessage(ctx, nil)
	if err != nil || len(resp.Messages) == 0 {
		return err
	}
	m := resp.Messages[0]
	var b booking
	if err := json.Unmarshal([]byte(*m.MessageText), &b); err != nil {
		return err
	}
	if err := b.move(); err != nil {
		return fmt.Errorf("booking %s: %w", b.ID, err)
	}
	_, err = queue.DeleteMessage(ctx, *m.MessageID, *m.PopReceipt, nil)
	return err
}

func (b booking) move() error {
	if b.Refund != "" {
		_, err := refund.New(&stripe.RefundParams{
			Params:        stripe.Params{IdempotencyKey: stripe.String("refund-" + b.ID)},
			PaymentIntent: stripe.String(b.Refund),
		})
		return err
	}
	params := &stripe.PaymentIntentParams{
		Amount:   stripe.Int64(b.Cents),
		Currency: stripe.String("eur"),
		Customer: stripe.String(b.Customer),
	}
	params.SetIdempotencyKey("charge-" + b.ID)
	_, err := paymentintent.New(params)
	return err
}
