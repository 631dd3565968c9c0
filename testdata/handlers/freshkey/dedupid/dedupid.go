// Package dedupid sends an invoice request for each order, to a topic with
// duplicate detection.
//
// Wrong: the detection compares message ids, and each attempt makes a new one. Sent,
// lock lost, delivered again, sent under another id: two invoices.
//
// Message: {"order":"o-1","cents":1999}
package dedupid

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"time"

	"github.com/google/uuid"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/to"
	"github.com/Azure/azure-sdk-for-go/sdk/messaging/azservicebus"
)

type order struct {
	Order string `json:"order"`
	Cents int    `json:"cents"`
}

type publisher struct{ sender *azservicebus.Sender }

func (p publisher) publish(ctx context.Context, subject string, v any) error {
	body, err := json.Marshal(v)
	if err != nil {
		return err
	}
	msg := &azservicebus.Message{
		Body:        body,
		Subject:     &subject,
		ContentType: to.Ptr("application/json"),
		MessageID:   to.Ptr(uuid.New().String()),
	}
	if err := p.sender.SendMessage(ctx, msg, nil); err != nil { // want `\(freshkey\)`
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
	if err := out.publish(ctx, "invoice-requested", o); err != nil {
		slog.Warn("order stays", "order", o.Order, "err", err)
		return orders.AbandonMessage(settle, m, nil)
	}
	return orders.CompleteMessage(settle, m, nil)
}
