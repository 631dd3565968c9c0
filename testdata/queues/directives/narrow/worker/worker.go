// Package worker asks for no more than it needs: interfaces of its own, which repeat the
// methods of the house's clients.
package worker

import (
	"context"

	"github.com/idemlint/idemlint/testdata/queues/directives/narrow/mq"
)

type queue interface {
	Take(ctx context.Context) (*mq.Hit, bool, error)
	Drop(ctx context.Context, h *mq.Hit) error
}

type numbers interface {
	Get(ctx context.Context, key string) (int, error)
	Set(ctx context.Context, key string, n int) error
}

// Counter counts hits.
type Counter struct {
	queue   queue
	numbers numbers
}

// New makes one.
func New(q queue, n numbers) *Counter { return &Counter{q, n} }

// Run counts until nothing is left.
func (c *Counter) Run(ctx context.Context) error {
	for {
		h, ok, err := c.queue.Take(ctx)
		if err != nil {
			return err
		}
		if !ok {
			return nil
		}
		n, err := c.numbers.Get(ctx, h.Page)
		if err != nil {
			return err
		}
		if err := c.numbers.Set(ctx, h.Page, n+1); err != nil {
			return err
		}
		if err := c.queue.Drop(ctx, h); err != nil {
			return err
		}
	}
}
