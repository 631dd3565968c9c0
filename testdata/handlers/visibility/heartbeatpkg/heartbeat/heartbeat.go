// Package heartbeat keeps a message hidden for as long as it is worked on.
package heartbeat

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/to"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azqueue/v2"
)

// Lease is a message under renewal.
type Lease struct {
	queue   *azqueue.QueueClient
	msg     *azqueue.DequeuedMessage
	period  time.Duration
	stop    context.CancelCauseFunc
	stopped sync.WaitGroup

	mu      sync.Mutex
	receipt string
}

// Start renews four times in each period, and cancels the context it returns when that fails.
func Start(ctx context.Context, queue *azqueue.QueueClient, msg *azqueue.DequeuedMessage, period time.Duration) (context.Context, *Lease) {
	ctx, stop := context.WithCancelCause(ctx)
	l := &Lease{queue: queue, msg: msg, period: period, stop: stop, receipt: *msg.PopReceipt}
	l.stopped.Go(func() { l.beat(ctx) })
	return ctx, l
}

func (l *Lease) beat(ctx context.Context) {
	ticker := time.NewTicker(l.period / 4)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
		opts := &azqueue.UpdateMessageOptions{VisibilityTimeout: to.Ptr(int32(l.period / time.Second))}
		l.mu.Lock()
		resp, err := l.queue.UpdateMessage(ctx, *l.msg.MessageID, l.receipt, *l.msg.MessageText, opts)
		if err == nil {
			l.receipt = *resp.PopReceipt
		}
		l.mu.Unlock()
		if err != nil {
			l.stop(fmt.Errorf("heartbeat: %w", err))
			return
		}
	}
}

// Stop ends the renewal and waits for it; it may be called twice.
func (l *Lease) Stop() {
	l.stop(nil)
	l.stopped.Wait()
}

// Delete settles with the newest receipt.
func (l *Lease) Delete(ctx context.Context) error {
	l.Stop()
	l.mu.Lock()
	defer l.mu.Unlock()
	_, err := l.queue.DeleteMessage(ctx, *l.msg.MessageID, l.receipt, nil)
	return err
}
