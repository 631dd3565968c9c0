// Package startedbeat asks for more time once, in a goroutine, when half of the lease is
// over.
//
// Wrong: the new receipt stays in the goroutine, and the delete comes with the old one.
package startedbeat

import (
	"context"
	"log"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/to"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azqueue/v2"
)

// Work handles one message.
func Work(ctx context.Context, q *azqueue.QueueClient, blobs *azblob.Client, render func(string) []byte) error {
	resp, err := q.DequeueMessage(ctx, &azqueue.DequeueMessageOptions{VisibilityTimeout: to.Ptr(int32(60))})
	if err != nil || len(resp.Messages) == 0 {
		return err
	}
	m := resp.Messages[0]
	done := make(chan struct{})
	defer close(done)
	go func() {
		select {
		case <-done:
		case <-time.After(30 * time.Second):
			_, err := q.UpdateMessage(ctx, *m.MessageID, *m.PopReceipt, *m.MessageText, // want `new receipt is dropped.*\(stalereceipt\)`
				&azqueue.UpdateMessageOptions{VisibilityTimeout: to.Ptr(int32(120))})
			if err != nil {
				log.Print(err)
			}
		}
	}()
	if _, err := blobs.UploadBuffer(ctx, "pages", *m.MessageID, render(*m.MessageText), nil); err != nil {
		return err
	}
	_, err = q.DeleteMessage(ctx, *m.MessageID, *m.PopReceipt, nil)
	return err
}
