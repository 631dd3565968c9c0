// Package wrapper holds the team's own consumer, which takes a handler, and a handler that stores menus.
//
// Wrong: the consumer logs what the handler returns and deletes in any case; the handler's author relies on the
// error to keep the message.
//
// Message: {"canteen":"ca-1","day":"2024-05-01","menu":"soup"}
package wrapper

import (
	"context"
	"encoding/json"
	"fmt"
	"log"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/to"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azqueue"
)

// Handler handles one message.
type Handler func(ctx context.Context, body []byte) error

// Consumer calls a handler for each message.
type Consumer struct {
	queue   *azqueue.QueueClient
	handler Handler
}

// Consume consumes what is in the queue.
func (c *Consumer) Consume(ctx context.Context) error {
	for {
		r, err := c.queue.DequeueMessage(ctx, &azqueue.DequeueMessageOptions{VisibilityTimeout: to.Ptr(int32(60))})
		if err != nil {
			return fmt.Errorf("consume: %w", err)
		}
		if len(r.Messages) == 0 {
			return nil
		}
		m := r.Messages[0]
		if err := c.handler(ctx, []byte(*m.MessageText)); err != nil {
			log.Printf("message %s: handler: %v", *m.MessageID, err)
		}
		if _, err := c.queue.DeleteMessage(ctx, *m.MessageID, *m.PopReceipt, nil); err != nil { // want `\(deleteonerror\)`
			log.Printf("message %s: delete: %v", *m.MessageID, err)
		}
	}
}

// Menus stores menus.
func Menus(ctx context.Context, queue *azqueue.QueueClient, blobs *azblob.Client) error {
	c := &Consumer{queue: queue, handler: func(ctx context.Context, body []byte) error {
		var m struct{ Canteen, Day, Menu string }
		if err := json.Unmarshal(body, &m); err != nil {
			return err
		}
		_, err := blobs.UploadBuffer(ctx, "menus", m.Canteen+"/"+m.Day, []byte(m.Menu), nil)
		return err
	}}
	return c.Consume(ctx)
}
