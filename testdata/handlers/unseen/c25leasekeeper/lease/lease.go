// Package lease keeps a message invisible while it is worked on.
package lease

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/to"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azqueue/v2"
)

// Lease is held on one message.
type Lease struct {
	queue  *azqueue.QueueClient
	length time.Duration
	id     string
	text   string

	mu      sync.Mutex
	receipt string
}

// Take returns the Lease that dequeuing gave.
func Take(queue *azqueue.QueueClient, m *azqueue.DequeuedMessage, length time.Duration) *Lease {
	return &Lease{queue: queue, length: length, id: *m.MessageID, text: *m.MessageText, receipt: *m.PopReceipt}
}

// Hold runs work and renews at a third of the lease; work's context ends when a renewal fails.
func (l *Lease) Hold(parent context.Context, work func(context.Context) error) error {
	ctx, cancel := context.WithCancelCause(parent)
	stopped := make(chan struct{})
	go func() {
		defer close(stopped)
		tick := time.NewTicker(l.length / 3)
		defer tick.Stop()
		for {
			select {
			case <-ctx.Done():
				return
			case <-tick.C:
				if err := l.renew(parent); err != nil {
					cancel(fmt.Errorf("lease lost: %w", err))
					return
				}
			}
		}
	}()
	err := work(ctx)
	if cause := context.Cause(ctx); cause != nil {
		err = errors.Join(err, cause)
	}
	cancel(nil)
	<-stopped
	return err
}

func (l *Lease) renew(ctx context.Context) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	resp, err := l.queue.UpdateMessage(ctx, l.id, l.receipt, l.text, &azqueue.UpdateMessageOptions{VisibilityTimeout: to.Ptr(int32(l.length.Seconds()))})
	if err != nil {
		return err
	}
	l.receipt = *resp.PopReceipt
	return nil
}

// Delete deletes the message.
func (l *Lease) Delete(ctx context.Context) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	_, err := l.queue.DeleteMessage(ctx, l.id, l.receipt, nil)
	return err
}
