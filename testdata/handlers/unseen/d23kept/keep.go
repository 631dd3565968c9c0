// Package kept runs builds for as long as they take, with a lease that is renewed three times in its length, and a
// receipt that is the last renewal's.
package kept

import (
	"context"
	"fmt"
	"log"
	"os/exec"
	"sync"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/to"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azqueue/v2"
)

const hidden = 60 * time.Second

// lease is a message in hand; its receipt changes with each renewal.
type lease struct {
	queue   *azqueue.QueueClient
	id      string
	text    string
	mu      sync.Mutex
	receipt string
}

func (l *lease) extend(ctx context.Context) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	resp, err := l.queue.UpdateMessage(ctx, l.id, l.receipt, l.text, &azqueue.UpdateMessageOptions{VisibilityTimeout: to.Ptr(int32(hidden / time.Second))})
	if err != nil {
		return err
	}
	l.receipt = *resp.PopReceipt
	return nil
}

func (l *lease) end(ctx context.Context) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	_, err := l.queue.DeleteMessage(ctx, l.id, l.receipt, nil)
	return err
}

// during runs work while the lease is kept; the work's context ends when it cannot be.
func (l *lease) during(parent context.Context, work func(context.Context) error) error {
	ctx, cancel := context.WithCancelCause(parent)
	var wg sync.WaitGroup
	wg.Go(func() {
		t := time.NewTicker(20 * time.Second)
		defer t.Stop()
		for {
			select {
			case <-ctx.Done():
				return
			case <-t.C:
				if err := l.extend(ctx); err != nil {
					cancel(fmt.Errorf("extend: %w", err))
					return
				}
			}
		}
	})
	err := work(ctx)
	cancel(nil)
	wg.Wait()
	return err
}

// Run builds until the queue fails.
func Run(ctx context.Context, queue *azqueue.QueueClient) error {
	for {
		resp, err := queue.DequeueMessage(ctx, &azqueue.DequeueMessageOptions{VisibilityTimeout: to.Ptr(int32(hidden / time.Second))})
		if err != nil {
			return err
		}
		for _, m := range resp.Messages {
			l := &lease{queue: queue, id: *m.MessageID, text: *m.MessageText, receipt: *m.PopReceipt}
			err := l.during(ctx, func(ctx context.Context) error {
				return exec.CommandContext(ctx, "make", "-C", "/srv/"+l.id, l.text).Run()
			})
			if err != nil {
				log.Printf("kept: %s: %v", l.id, err)
				continue
			}
			if err := l.end(context.WithoutCancel(ctx)); err != nil {
				return fmt.Errorf("kept: delete %s: %w", l.id, err)
			}
		}
	}
}
