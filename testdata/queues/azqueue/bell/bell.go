// Package bell rings when a message comes; the messages have no text.
//
// Right: an empty text for an empty text loses nothing.
package bell

import (
	"context"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/to"
	"github.com/Azure/azure-sdk-for-go/sdk/data/aztables"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azqueue/v2"
)

// Ring waits for a ring and sweeps the hall.
func Ring(ctx context.Context, q *azqueue.QueueClient, halls *aztables.Client) error {
	for {
		resp, err := q.DequeueMessage(ctx, nil)
		if err != nil {
			return err
		}
		if len(resp.Messages) == 0 {
			time.Sleep(time.Second)
			continue
		}
		m := resp.Messages[0]
		up, err := q.UpdateMessage(ctx, *m.MessageID, *m.PopReceipt, "", &azqueue.UpdateMessageOptions{VisibilityTimeout: to.Ptr(int32(120))})
		if err != nil {
			return err
		}
		if _, err := halls.DeleteEntity(ctx, "halls", "dust", nil); err != nil {
			return err
		}
		if _, err := q.DeleteMessage(ctx, *m.MessageID, *up.PopReceipt, nil); err != nil {
			return err
		}
	}
}
