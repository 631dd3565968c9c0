// Package keptinmessage keeps the new receipt in the message.
//
// Right: whoever deletes it takes the newest.
package keptinmessage

import (
	"context"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/to"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azqueue/v2"
)

// Work handles what is in the queue.
func Work(ctx context.Context, q *azqueue.QueueClient, blobs *azblob.Client) error {
	resp, err := q.DequeueMessages(ctx, &azqueue.DequeueMessagesOptions{NumberOfMessages: to.Ptr(int32(5)), VisibilityTimeout: to.Ptr(int32(30))})
	if err != nil {
		return err
	}
	for _, m := range resp.Messages {
		up, err := q.UpdateMessage(ctx, *m.MessageID, *m.PopReceipt, *m.MessageText, &azqueue.UpdateMessageOptions{VisibilityTimeout: to.Ptr(int32(300))})
		if err != nil {
			continue // somebody else has it by now
		}
		m.PopReceipt = up.PopReceipt
		if _, err := blobs.UploadBuffer(ctx, "pages", *m.MessageID, []byte(*m.MessageText), nil); err != nil {
			return err
		}
		if _, err := q.DeleteMessage(ctx, *m.MessageID, *m.PopReceipt, nil); err != nil {
			return err
		}
	}
	return nil
}
