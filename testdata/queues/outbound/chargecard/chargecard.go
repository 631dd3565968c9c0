// Package chargecard charges a card for each confirmed booking.
//
// Wrong: the call has no idempotency key. The one that the library makes by itself
// covers its own retries alone.
package chargecard

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/Azure/azure-sdk-for-go/sdk/storage/azqueue"
	"github.com/stripe/stripe-go/v82"
	"github.com/stripe/stripe-go/v82/paymentintent"
)

type booking struct {
	ID       string `json:"id"`
	Customer string `json:"customer"`
	Cents    int64  `json:"cents"`
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
	intent, err := paymentintent.New(&stripe.PaymentIntentParams{ // want `Stripe New sends a POST without an idempotency key.*\(sideeffect\)`
		Amount:   stripe.Int64(b.Cents),
		Currency: stripe.String("eur"),
		Customer: stripe.String(b.Customer),
		Confirm:  stripe.Bool(true),
	})
	if err != nil {
		return fmt.Errorf("booking %s: %w", b.ID, err)
	}
	if intent.Status != stripe.PaymentIntentStatusSucceeded {
		return fmt.Errorf("booking %s: %s", b.ID, intent.Status)
	}
	_, err = queue.DeleteMessage(ctx, *m.MessageID, *m.PopReceipt, nil)
	return err
}
