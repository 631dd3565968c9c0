package render

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/storage/azqueue"
)

// keepAlive renews the lease of a message three times as often as it must, from now on until stop is called. The
// context it returns ends when the lease is lost. stop returns the receipt that is valid now.
func keepAlive(ctx context.Context, q *azqueue.QueueClient, m *azqueue.DequeuedMessage, ttl time.Duration) (held context.Context, stop func() string) {
	held, lose := context.WithCancelCause(ctx)
	receipt := *m.PopReceipt
	quit := make(chan struct{})
	var wg sync.WaitGroup
	wg.Add(1)
	go func() {
		defer wg.Done()
		seconds := int32(ttl / time.Second)
		t := time.NewTicker(ttl / 3)
		defer t.Stop()
		for {
			select {
			case <-quit:
				return
			case <-t.C:
			}
			rctx, cancel := context.WithTimeout(ctx, ttl/3)
			r, err := q.UpdateMessage(rctx, *m.MessageID, receipt, *m.MessageText, &azqueue.UpdateMessageOptions{VisibilityTimeout: &seconds})
			cancel()
			if err != nil {
				lose(fmt.Errorf("lease of %s: %w", *m.MessageID, err))
				return
			}
			receipt = *r.PopReceipt
		}
	}()
	return held, func() string {
		close(quit)
		wg.Wait()
		lose(nil)
		return receipt
	}
}
