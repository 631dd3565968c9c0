// Package tags prints price tags, a batch of 32 one after the other.
//
// Right: each message is leased anew right before its own work, with the receipt that this returns; where that
// fails the message has gone to somebody else and is skipped.
package tags

import (
	"context"
	"log"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/to"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/container"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azqueue/v2"
)

var minute = to.Ptr(int32(60))

// Printer prints.
type Printer struct {
	queue *azqueue.QueueClient
	spool *container.Client
}

// Batch prints up to 32 tags.
func (p *Printer) Batch(ctx context.Context) error {
	rs, err := p.queue.DequeueMessages(ctx, &azqueue.DequeueMessagesOptions{NumberOfMessages: to.Ptr(int32(32)), VisibilityTimeout: minute})
	if err != nil {
		return err
	}
	for _, tag := range rs.Messages {
		again, err := p.queue.UpdateMessage(ctx, *tag.MessageID, *tag.PopReceipt, *tag.MessageText, &azqueue.UpdateMessageOptions{VisibilityTimeout: minute})
		if err != nil {
			log.Printf("tags: %s is somebody else's: %v", *tag.MessageID, err)
			continue
		}
		time.Sleep(5 * time.Second) // the printer's paper feed
		if _, err := p.spool.NewBlockBlobClient(*tag.MessageID).UploadBuffer(ctx, []byte(*tag.MessageText), nil); err != nil {
			log.Printf("tags: %s, delivery %d: %v", *tag.MessageID, *tag.DequeueCount, err)
			continue
		}
		if _, err := p.queue.DeleteMessage(ctx, *tag.MessageID, *again.PopReceipt, nil); err != nil {
			log.Printf("tags: delete %s: %v", *tag.MessageID, err)
		}
	}
	return nil
}
