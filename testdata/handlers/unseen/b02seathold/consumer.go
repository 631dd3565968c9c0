package seathold

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/messaging/azservicebus"
)

// Handler handles one message; nil means that it is done.
type Handler func(ctx context.Context, msg *azservicebus.ReceivedMessage) error

// Consumer gives the messages of one queue to a Handler.
type Consumer struct {
	receiver *azservicebus.Receiver
	log      *slog.Logger
}

// Run ends with the context.
func (c *Consumer) Run(ctx context.Context, handle Handler) error {
	for {
		msgs, err := c.receiver.ReceiveMessages(ctx, 1, nil)
		switch {
		case errors.Is(err, context.Canceled):
			return nil
		case err != nil:
			c.log.Error("receive", "err", err)
			if !pause(ctx, 5*time.Second) {
				return nil
			}
			continue
		}
		for _, m := range msgs {
			c.one(ctx, m, handle)
		}
	}
}

func (c *Consumer) one(ctx context.Context, m *azservicebus.ReceivedMessage, handle Handler) {
	err := handle(ctx, m)
	settle, cancel := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
	defer cancel()
	if err != nil {
		c.log.Error("handle", "message", m.MessageID, "delivery", m.DeliveryCount, "err", err)
		if err := c.receiver.AbandonMessage(settle, m, nil); err != nil {
			c.log.Error("abandon", "message", m.MessageID, "err", err)
		}
		return
	}
	if err := c.receiver.CompleteMessage(settle, m, nil); err != nil {
		c.log.Error("complete", "message", m.MessageID, "err", err)
	}
}

func pause(ctx context.Context, d time.Duration) bool {
	select {
	case <-ctx.Done():
		return false
	case <-time.After(d):
		return true
	}
}
