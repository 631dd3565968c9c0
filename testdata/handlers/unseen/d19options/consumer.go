// Package consumer reads a queue. How long a message is hidden and how long a handler may take are two options; their
// defaults do not fit each other, and the caller sets but one.
package consumer

import (
	"context"
	"fmt"
	"log"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/to"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azqueue"
)

// Handler handles a message.
type Handler func(ctx context.Context, id, text string) error

type settings struct {
	lease time.Duration
	limit time.Duration
}

// Option changes a setting.
type Option func(*settings)

// WithLease sets for how long a message is hidden.
func WithLease(d time.Duration) Option { return func(s *settings) { s.lease = d } }

// WithLimit sets for how long a handler may take.
func WithLimit(d time.Duration) Option { return func(s *settings) { s.limit = d } }

// Consumer reads a queue.
type Consumer struct {
	queue  *azqueue.QueueClient
	handle Handler
	settings
}

// New returns a Consumer.
func New(queue *azqueue.QueueClient, handle Handler, opts ...Option) *Consumer {
	c := &Consumer{queue: queue, handle: handle, settings: settings{lease: 45 * time.Second, limit: 30 * time.Second}}
	for _, o := range opts {
		o(&c.settings)
	}
	return c
}

// Run ends with the context.
func (c *Consumer) Run(ctx context.Context) error {
	for ctx.Err() == nil {
		resp, err := c.queue.DequeueMessage(ctx, &azqueue.DequeueMessageOptions{VisibilityTimeout: to.Ptr(int32(c.lease.Seconds()))})
		if err != nil {
			return fmt.Errorf("dequeue: %w", err)
		}
		for _, m := range resp.Messages {
			if err := c.one(ctx, *m.MessageID, *m.MessageText); err != nil {
				log.Printf("consumer: %s: %v", *m.MessageID, err)
				continue
			}
			if _, err := c.queue.DeleteMessage(ctx, *m.MessageID, *m.PopReceipt, nil); err != nil {
				return fmt.Errorf("delete: %w", err)
			}
		}
	}
	return ctx.Err()
}

func (c *Consumer) one(ctx context.Context, id, text string) error {
	ctx, cancel := context.WithTimeout(ctx, c.limit)
	defer cancel()
	return c.handle(ctx, id, text)
}
