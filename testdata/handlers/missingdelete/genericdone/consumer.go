// Package jobs has a consumer for any JSON payload, and its use for vehicle positions.
package jobs

import (
	"context"
	"encoding/json"
	"log"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/storage/azqueue/v2"
)

// Consumer decodes messages into T.
type Consumer[T any] struct {
	Queue  *azqueue.QueueClient
	Handle func(ctx context.Context, id string, payload T) error
	// OnDone is told of payloads that were handled.
	OnDone func(payload T)
	Idle   time.Duration
}

// Run consumes until the context ends.
func (c *Consumer[T]) Run(ctx context.Context) error {
	for ctx.Err() == nil {
		batch, err := c.Queue.DequeueMessages(ctx, nil)
		if err != nil {
			return err
		}
		if len(batch.Messages) == 0 {
			time.Sleep(c.Idle)
		}
		for _, m := range batch.Messages {
			var payload T
			if err := json.Unmarshal([]byte(*m.MessageText), &payload); err != nil {
				log.Printf("jobs: %s: %v", *m.MessageID, err)
				continue
			}
			if err := c.Handle(ctx, *m.MessageID, payload); err != nil {
				log.Printf("jobs: %s, attempt %d: %v", *m.MessageID, *m.DequeueCount, err)
				continue
			}
			if c.OnDone != nil {
				c.OnDone(payload)
				continue // want `work succeeded.*unsettled.*\(missingdelete\)`
			}
			if _, err := c.Queue.DeleteMessage(ctx, *m.MessageID, *m.PopReceipt, nil); err != nil {
				log.Printf("jobs: delete %s: %v", *m.MessageID, err)
			}
		}
	}
	return ctx.Err()
}
