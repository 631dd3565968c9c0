// Package seenmap calls a partner's hook for each change.
//
// Wrong although it looks whether the change was handled: the set of those handled is in
// the memory of this process. A crash between the request and the delete loses it, and so
// does another instance that gets the message.
package seenmap

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/storage/azqueue"
)

// Hook calls the partner.
type Hook struct {
	queue *azqueue.QueueClient
	url   string
	http  http.Client
	seen  map[string]bool
}

// New makes a worker.
func New(queue *azqueue.QueueClient, url string) *Hook {
	return &Hook{queue: queue, url: url, http: http.Client{Timeout: 10 * time.Second}, seen: map[string]bool{}}
}

// Step handles one message.
func (h *Hook) Step(ctx context.Context) error {
	resp, err := h.queue.DequeueMessage(ctx, nil)
	if err != nil {
		return err
	}
	for _, m := range resp.Messages {
		if !h.seen[*m.MessageID] {
			if err := h.call(ctx, []byte(*m.MessageText)); err != nil {
				return err
			}
			h.seen[*m.MessageID] = true
		}
		if _, err := h.queue.DeleteMessage(ctx, *m.MessageID, *m.PopReceipt, nil); err != nil {
			return err
		}
	}
	return nil
}

func (h *Hook) call(ctx context.Context, change []byte) error {
	req, err := http.NewRequestWithContext(ctx, "POST", h.url, bytes.NewReader(change))
	if err != nil {
		return err
	}
	resp, err := h.http.Do(req) // want `HTTP Do sends a POST without an idempotency key.*\(sideeffect\)`
	if err != nil {
		return err
	}
	resp.Body.Close()
	if resp.StatusCode/100 != 2 {
		return fmt.Errorf("hook: %s", resp.Status)
	}
	return nil
}
