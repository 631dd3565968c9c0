// Package falls logs a failure and goes on to the end: there the delete would still follow
// it. No fix.
package falls

import (
	"context"
	"log"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/to"
	"github.com/Azure/azure-sdk-for-go/sdk/data/aztables"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azqueue/v2"
)

// Box keeps letters.
type Box struct {
	Queue   *azqueue.QueueClient
	Letters *aztables.Client
}

// Empty handles what is in the queue.
func (b *Box) Empty(ctx context.Context) error {
	resp, err := b.Queue.DequeueMessages(ctx, &azqueue.DequeueMessagesOptions{NumberOfMessages: to.Ptr(int32(16)), VisibilityTimeout: to.Ptr(int32(600))})
	if err != nil {
		return err
	}
	for _, m := range resp.Messages {
		b.keep(ctx, m)
	}
	return nil
}

func (b *Box) keep(ctx context.Context, m *azqueue.DequeuedMessage) {
	// now: deleteonerror
	defer b.Queue.DeleteMessage(ctx, *m.MessageID, *m.PopReceipt, nil)
	_, err := b.Letters.UpsertEntity(ctx, []byte(*m.MessageText), nil)
	if err != nil {
		log.Printf("letter %s: %v", *m.MessageID, err)
	}
}
