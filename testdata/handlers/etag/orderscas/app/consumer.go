// Package app feeds events from the queue to a handler.
//
// Right: see packages domain and blobrepo.
package app

import (
	"context"
	"encoding/json"
	"log"

	"github.com/Azure/azure-sdk-for-go/sdk/storage/azqueue/v2"
	"github.com/idemlint/idemlint/testdata/handlers/etag/orderscas/domain"
)

// EventHandler handles events.
type EventHandler interface {
	Handle(ctx context.Context, ev domain.ParcelMoved) error
}

// Consumer consumes events.
type Consumer struct {
	Queue   *azqueue.QueueClient
	Handler EventHandler
}

// Drain handles messages until the queue is empty.
func (c *Consumer) Drain(ctx context.Context) error {
	for {
		r, err := c.Queue.DequeueMessage(ctx, nil)
		if err != nil {
			return err
		}
		if len(r.Messages) == 0 {
			return nil
		}
		if err := c.one(ctx, r.Messages[0]); err != nil {
			log.Printf("event %s: %v", *r.Messages[0].MessageID, err)
		}
	}
}

func (c *Consumer) one(ctx context.Context, m *azqueue.DequeuedMessage) error {
	var ev domain.ParcelMoved
	if err := json.Unmarshal([]byte(*m.MessageText), &ev); err != nil {
		return err
	}
	if err := c.Handler.Handle(ctx, ev); err != nil {
		return err
	}
	_, err := c.Queue.DeleteMessage(ctx, *m.MessageID, *m.PopReceipt, nil)
	return err
}
