// Package receiptmail mails a receipt for each payment.
//
// Wrong: the mail service takes no identity, and no mark of the payment is kept.
package receiptmail

import (
	"context"
	"encoding/json"

	"github.com/Azure/azure-sdk-for-go/sdk/messaging/azservicebus"

	"github.com/idemlint/idemlint/testdata/queues/outbound/receiptmail/post"
)

type payment struct {
	Payer string `json:"payer"`
	Mail  string `json:"mail"`
	Cents int    `json:"cents"`
}

// Mailer is what the handler needs of the mail service.
type Mailer interface {
	Receipt(ctx context.Context, to string, cents int) error
}

// Start wires the handler to the queue.
func Start(ctx context.Context, client *azservicebus.Client, key string) error {
	rcv, err := client.NewReceiverForQueue("payments", nil)
	if err != nil {
		return err
	}
	return consume(ctx, rcv, post.New(key))
}

func consume(ctx context.Context, rcv *azservicebus.Receiver, mails Mailer) error {
	for ctx.Err() == nil {
		batch, err := rcv.ReceiveMessages(ctx, 5, nil)
		if err != nil {
			return err
		}
		for _, m := range batch {
			if err := handle(ctx, m.Body, mails); err != nil {
				if err := rcv.AbandonMessage(ctx, m, nil); err != nil {
					return err
				}
				continue
			}
			if err := rcv.CompleteMessage(ctx, m, nil); err != nil {
				return err
			}
		}
	}
	return ctx.Err()
}

func handle(ctx context.Context, body []byte, mails Mailer) error {
	var p payment
	if err := json.Unmarshal(body, &p); err != nil {
		return err
	}
	if p.Mail == "" {
		return nil // paid at the counter
	}
	return mails.Receipt(ctx, p.Mail, p.Cents) // want `SendGrid SendWithContext sends a POST.*\(sideeffect\)`
}
