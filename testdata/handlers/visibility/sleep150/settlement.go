// Package settlement waits for the bank's cut-off before it files a settlement.
package settlement

import (
	"context"
	"log"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/to"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azqueue/v2"
)

const visibility = 120

// Work is the role's entry point.
func Work(ctx context.Context, q *azqueue.QueueClient, b *azblob.Client) {
	for ctx.Err() == nil {
		r, err := q.DequeueMessage(ctx, &azqueue.DequeueMessageOptions{VisibilityTimeout: to.Ptr(int32(visibility))})
		if err != nil || len(r.Messages) == 0 {
			time.Sleep(time.Second)
			continue
		}
		m := r.Messages[0]
		if _, err := b.UploadBuffer(ctx, "announced", *m.MessageID, []byte(*m.MessageText), nil); err != nil {
			log.Print("announce: ", err)
			continue
		}
		time.Sleep(150 * time.Second) // want `can outlast the lease.*\(visibility\)`
		if _, err := b.UploadBuffer(ctx, "settled", *m.MessageID, []byte(*m.MessageText), nil); err != nil {
			log.Print("settle: ", err)
			continue
		}
		if _, err := q.DeleteMessage(ctx, *m.MessageID, *m.PopReceipt, nil); err != nil {
			log.Print("delete: ", err)
		}
	}
}
