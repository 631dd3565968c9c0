// Package orders writes an order's document for each message of the subscription.
//
// Right: every arm settles in its own way: complete, abandon (try again) or dead-letter (never again).
package orders

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/to"
	"github.com/Azure/azure-sdk-for-go/sdk/messaging/azservicebus"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob"
)

var errInvalid = errors.New("invalid order")

// Service reads one subscription.
type Service struct {
	Receiver *azservicebus.Receiver
	Blobs    *azblob.Client
}

// Serve ends with the receiver's error.
func (s *Service) Serve(ctx context.Context) error {
	for {
		msgs, err := s.Receiver.ReceiveMessages(ctx, 5, nil)
		if err != nil {
			return err
		}
		for _, m := range msgs {
			if err := s.settle(ctx, m, s.write(ctx, m)); err != nil {
				slog.Error("settle", "order", m.MessageID, "err", err)
			}
		}
	}
}

func (s *Service) write(ctx context.Context, m *azservicebus.ReceivedMessage) error {
	var order struct{ Customer, Article string }
	if err := json.Unmarshal(m.Body, &order); err != nil {
		return errors.Join(errInvalid, err)
	}
	if order.Customer == "" {
		return errInvalid
	}
	_, err := s.Blobs.UploadBuffer(ctx, "orders", m.MessageID+".json", m.Body, nil)
	return err
}

func (s *Service) settle(ctx context.Context, m *azservicebus.ReceivedMessage, failure error) error {
	var refused *azcore.ResponseError
	switch {
	case failure == nil:
		return s.Receiver.CompleteMessage(ctx, m, nil)
	case errors.Is(failure, errInvalid):
		return s.Receiver.DeadLetterMessage(ctx, m, &azservicebus.DeadLetterOptions{
			Reason:           to.Ptr("invalid"),
			ErrorDescription: to.Ptr(failure.Error()),
		})
	case errors.As(failure, &refused) && refused.StatusCode == 403:
		slog.Error("no permission on the container", "err", failure)
		fallthrough
	default:
		return s.Receiver.AbandonMessage(ctx, m, nil)
	}
}
