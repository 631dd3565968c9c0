// Package sbderived sends an invoice request for each order, to a topic with
// duplicate detection.
//
// Right: the id that the detection compares is made of the id of the message that
// asks for the invoice, and the topic drops what a second attempt sends.
//
// Message: {"order":"o-1","cents":1999}
package sbderived

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/to"
	"github.com/Azure/azure-sdk-for-go/sdk/messaging/azservicebus"
)

type order struct {
	Order string `json:"order"`
	Cents int    `json:"cents"`
}

type publisher struct{ sender *azservicebus.Sender }

func (p publisher) publish(ctx context.Context, cause, subject string, v any) error {
	body, err := json.Marshal(v)
	if err != nil {
		return err
	}
	msg := &azservicebus.Message{
		Body:        body,
		Subject:     &subject,
		ContentType: to.Ptr("application/json"),
		MessageID:   to.Ptr(cause + "/" + subject),
	}
	if err := p.sender.SendMessage(ctx, msg, nil); err != nil {
		return fmt.Errorf("publish %s: %w", subject, err)
	}
	return nil
}

// Run requests invoices.
func Run(ctx context.Context, orders *azservicebus.Receiver, invoices *azservicebus.Sender) error {
	out := publisher{invoices}
	for {
		msgs, err := orders.ReceiveMessages(ctx, 1, nil)
		if err != nil {
			return err
		}
		for _, m := range msgs {
			if err := handle(ctx, orders, out, m); err != nil {
				return err
			}
		}
	}
}

func handle(ctx context.Context, orders *azservicebus.Receiver, out publisher, m *azservicebus.ReceivedMessage) error {
	settle, cancel := context.WithTimeout(context.WithoutCancel(ctx), 15*time.Second)
	defer cancel()
	var o order
	if err := json.Unmarshal(m.Body, &o); err != nil {
		slog.Error("not an order", "message", m.MessageID, "err", err)
		return orders.DeadLetterMessage(settle, m, &azservicebus.DeadLetterOptions{Reason: to.Ptr("not an order")})
	}
	if err := out.publish(ctx, m.MessageID, "invoice-requested", o); err != nil {
		slog.Warn("order stays", "order", o.Order, "err", err)
		return orders.AbandonMessage(settle, m, nil)
	}
	return orders.CompleteMessage(settle, m, nil)
}
