// Package backoffdeep delays a message in the function that works, and deletes it in the
// one that receives.
//
// Right: where it was delayed, the error of the work is given back, and the caller leaves
// the message alone.
package backoffdeep

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/to"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azqueue/v2"
)

// Shop prints tickets.
type Shop struct {
	Queue   *azqueue.QueueClient
	Tickets *azblob.Client
}

// Poll prints what is in the queue.
func (s *Shop) Poll(ctx context.Context) error {
	var failed []error
	resp, err := s.Queue.DequeueMessages(ctx, &azqueue.DequeueMessagesOptions{VisibilityTimeout: to.Ptr(int32(45))})
	if err != nil {
		return err
	}
	for _, m := range resp.Messages {
		if err := s.print(ctx, m); err != nil {
			failed = append(failed, err)
			continue
		}
		if _, err := s.Queue.DeleteMessage(ctx, *m.MessageID, *m.PopReceipt, nil); err != nil {
			failed = append(failed, err)
		}
	}
	return errors.Join(failed...)
}

func (s *Shop) print(ctx context.Context, m *azqueue.DequeuedMessage) error {
	var t struct{ Seat, Text string }
	if err := json.Unmarshal([]byte(*m.MessageText), &t); err != nil {
		return err
	}
	if _, err := s.Tickets.UploadBuffer(ctx, "tickets", t.Seat, []byte(t.Text), nil); err != nil {
		_, later := s.Queue.UpdateMessage(ctx, *m.MessageID, *m.PopReceipt, *m.MessageText,
			&azqueue.UpdateMessageOptions{VisibilityTimeout: to.Ptr(int32(600))})
		return fmt.Errorf("seat %s: %w", t.Seat, errors.Join(err, later))
	}
	return nil
}
