// Package notify fans paid orders out to the notification topic.
package notify

import (
	"context"
	"errors"
	"fmt"
	"os"

	"github.com/Azure/azure-sdk-for-go/sdk/messaging/azservicebus"
)

// Bridge is closed by its owner.
type Bridge struct {
	from *azservicebus.Receiver
	to   *azservicebus.Sender
}

// Open dials with SERVICEBUS_CONNECTION.
func Open(topic, subscription, target string) (*Bridge, error) {
	client, err := azservicebus.NewClientFromConnectionString(os.Getenv("SERVICEBUS_CONNECTION"), nil)
	if err != nil {
		return nil, err
	}
	from, err := client.NewReceiverForSubscription(topic, subscription, nil)
	if err != nil {
		return nil, err
	}
	to, err := client.NewSender(target, nil)
	if err != nil {
		return nil, err
	}
	return &Bridge{from: from, to: to}, nil
}

// Pump ends with the first failure of the connection.
func (b *Bridge) Pump(ctx context.Context) error {
	for {
		batch, err := b.from.ReceiveMessages(ctx, 10, nil)
		if err != nil {
			return fmt.Errorf("receive: %w", err)
		}
		for _, paid := range batch {
			if err := b.pass(ctx, paid); err != nil {
				return err
			}
		}
	}
}

func (b *Bridge) pass(ctx context.Context, paid *azservicebus.ReceivedMessage) error {
	out := &azservicebus.Message{Body: paid.Body, ApplicationProperties: paid.ApplicationProperties}
	if err := b.to.SendMessage(ctx, out, nil); err != nil {
		return errors.Join(fmt.Errorf("send: %w", err), b.from.AbandonMessage(ctx, paid, nil))
	}
	_ = b.from.CompleteMessage(ctx, paid, nil) // want `error of the settle is dropped.*\(missingdelete\)`
	return nil
}
