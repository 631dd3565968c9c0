package demo

import (
	"context"

	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azqueue/v2"
)

// Prices publishes the latest price.
type Prices struct {
	queue *azqueue.QueueClient
	blobs *azblob.Client
}

// Publish takes one price from the queue.
func (p *Prices) Publish(ctx context.Context) error {
	resp, err := p.queue.DequeueMessage(ctx, nil)
	if err != nil || len(resp.Messages) == 0 {
		return err
	}
	msg := resp.Messages[0]

	price := []byte(*msg.MessageText)
	if _, err := p.blobs.UploadBuffer(ctx, "prices", "latest.json", price, nil); err != nil {
		return err
	}
	_, err = p.queue.DeleteMessage(ctx, *msg.MessageID, *msg.PopReceipt, nil)
	return err
}
