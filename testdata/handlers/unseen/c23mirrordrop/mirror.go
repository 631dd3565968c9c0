// Package mirror copies attachments to an archive account.
//
// Right: the delete's error is dropped, but copying the same attachment again changes nothing.
package mirror

import (
	"context"
	"fmt"
	"log"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/to"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/container"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azqueue/v2"
)

// Mirror mirrors.
type Mirror struct {
	queue    *azqueue.QueueClient
	from, to *container.Client
}

// New returns a Mirror.
func New(queue *azqueue.QueueClient, from, to *container.Client) *Mirror {
	return &Mirror{queue: queue, from: from, to: to}
}

// Run mirrors until the context is done.
func (c *Mirror) Run(ctx context.Context) error {
	ticker := time.NewTicker(time.Second)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-ticker.C:
			if err := c.tick(ctx); err != nil {
				log.Printf("mirror: %v", err)
			}
		}
	}
}

func (c *Mirror) tick(ctx context.Context) error {
	resp, err := c.queue.DequeueMessages(ctx, &azqueue.DequeueMessagesOptions{NumberOfMessages: to.Ptr(int32(4)), VisibilityTimeout: to.Ptr(int32(600))})
	if err != nil {
		return fmt.Errorf("dequeue: %w", err)
	}
	for _, m := range resp.Messages {
		name := *m.MessageText
		if err := c.copy(ctx, name); err != nil {
			log.Printf("mirror: %s (%d): %v", name, *m.DequeueCount, err)
			continue
		}
		c.queue.DeleteMessage(ctx, *m.MessageID, *m.PopReceipt, nil)
	}
	return nil
}

func (c *Mirror) copy(ctx context.Context, name string) error {
	src, err := c.from.NewBlobClient(name).DownloadStream(ctx, nil)
	if err != nil {
		return fmt.Errorf("download: %w", err)
	}
	defer src.Body.Close()
	if _, err := c.to.NewBlockBlobClient(name).UploadStream(ctx, src.Body, nil); err != nil {
		return fmt.Errorf("upload: %w", err)
	}
	return nil
}
