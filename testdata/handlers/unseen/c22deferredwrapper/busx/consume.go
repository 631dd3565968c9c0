// Package busx consumes from Service Bus; a handler's result decides what becomes of the message.
package busx

import (
	"context"
	"errors"
	"fmt"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/to"
	"github.com/Azure/azure-sdk-for-go/sdk/messaging/azservicebus"
)

// ErrPermanent marks what no retry cures.
var ErrPermanent = errors.New("permanent")

// Handler handles one message.
type Handler func(ctx context.Context, body []byte) error

// Consume consumes until receiving or settling fails.
func Consume(ctx context.Context, r *azservicebus.Receiver, h Handler) error {
	for {
		msgs, err := r.ReceiveMessages(ctx, 1, nil)
		if err != nil {
			return fmt.Errorf("receive: %w", err)
		}
		for _, m := range msgs {
			if err := deliver(ctx, r, m, h); err != nil {
				return err
			}
		}
	}
}

func deliver(ctx context.Context, r *azservicebus.Receiver, m *azservicebus.ReceivedMessage, h Handler) (err error) {
	var result error
	defer func() {
		err = settle(context.WithoutCancel(ctx), r, m, result)
	}()
	result = h(ctx, m.Body)
	return nil
}

func settle(ctx context.Context, r *azservicebus.Receiver, m *azservicebus.ReceivedMessage, result error) error {
	switch {
	case result == nil:
		return r.CompleteMessage(ctx, m, nil)
	case errors.Is(result, ErrPermanent):
		return r.DeadLetterMessage(ctx, m, &azservicebus.DeadLetterOptions{ErrorDescription: to.Ptr(result.Error())})
	default:
		return r.AbandonMessage(ctx, m, nil)
	}
}
