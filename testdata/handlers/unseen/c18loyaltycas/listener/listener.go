// Package listener listens for purchases.
package listener

import (
	"context"
	"encoding/json"
	"log/slog"

	"github.com/Azure/azure-sdk-for-go/sdk/messaging/azservicebus"
	"github.com/idemlint/idemlint/testdata/handlers/unseen/c18loyaltycas/loyalty"
)

// Listener listens.
type Listener struct {
	receiver *azservicebus.Receiver
	service  *loyalty.Service
}

// New returns a Listener.
func New(receiver *azservicebus.Receiver, service *loyalty.Service) *Listener {
	return &Listener{receiver: receiver, service: service}
}

// Listen listens until receiving fails.
func (l *Listener) Listen(ctx context.Context) error {
	for {
		msgs, err := l.receiver.ReceiveMessages(ctx, 1, nil)
		if err != nil {
			return err
		}
		for _, m := range msgs {
			if err := l.credit(ctx, m); err != nil {
				slog.Error("credit", "id", m.MessageID, "delivery", m.DeliveryCount, "err", err)
				continue
			}
			if err := l.receiver.CompleteMessage(ctx, m, nil); err != nil {
				slog.Error("complete", "id", m.MessageID, "err", err)
			}
		}
	}
}

func (l *Listener) credit(ctx context.Context, m *azservicebus.ReceivedMessage) error {
	var p loyalty.Purchase
	if err := json.Unmarshal(m.Body, &p); err != nil {
		return err
	}
	return l.service.Credit(ctx, p)
}
