// Package backoff makes a message that failed come back later, and later each time.
//
// Right: the update's receipt is dropped, but the message is left where the update is made,
// and deleted where it is not.
package backoff

import (
	"context"
	"log/slog"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/to"
	"github.com/Azure/azure-sdk-for-go/sdk/data/aztables"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azqueue/v2"
)

// Worker keeps rows.
type Worker struct {
	Queue *azqueue.QueueClient
	Rows  *aztables.Client
}

// Work handles messages until ctx ends.
func (w *Worker) Work(ctx context.Context) error {
	for ctx.Err() == nil {
		resp, err := w.Queue.DequeueMessages(ctx, &azqueue.DequeueMessagesOptions{NumberOfMessages: to.Ptr(int32(8)), VisibilityTimeout: to.Ptr(int32(120))})
		if err != nil {
			return err
		}
		for _, m := range resp.Messages {
			if _, err := w.Rows.UpsertEntity(ctx, []byte(*m.MessageText), nil); err != nil {
				slog.Warn("row", "id", *m.MessageID, "err", err)
				delay := int32(30) << min(*m.DequeueCount, 8)
				if _, err := w.Queue.UpdateMessage(ctx, *m.MessageID, *m.PopReceipt, *m.MessageText, &azqueue.UpdateMessageOptions{VisibilityTimeout: &delay}); err != nil {
					slog.Warn("backoff", "id", *m.MessageID, "err", err)
				}
				continue
			}
			if _, err := w.Queue.DeleteMessage(ctx, *m.MessageID, *m.PopReceipt, nil); err != nil {
				return err
			}
		}
	}
	return ctx.Err()
}
