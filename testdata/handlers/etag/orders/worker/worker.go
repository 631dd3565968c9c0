// Package worker feeds parcel events from the queue to the domain.
package worker

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/to"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azqueue/v2"
	"github.com/idemlint/idemlint/testdata/handlers/etag/orders/domain"
)

// Config says how to poll.
type Config struct {
	Idle       time.Duration
	Visibility time.Duration
}

// Worker polls the queue.
type Worker struct {
	cfg   Config
	queue *azqueue.QueueClient
	svc   *domain.Service
}

// New returns a Worker.
func New(cfg Config, queue *azqueue.QueueClient, svc *domain.Service) *Worker {
	return &Worker{cfg: cfg, queue: queue, svc: svc}
}

// Run polls until the context is done.
func (w *Worker) Run(ctx context.Context) error {
	for ctx.Err() == nil {
		resp, err := w.queue.DequeueMessage(ctx, &azqueue.DequeueMessageOptions{
			VisibilityTimeout: to.Ptr(int32(w.cfg.Visibility / time.Second)),
		})
		if err != nil {
			return fmt.Errorf("dequeue: %w", err)
		}
		if len(resp.Messages) == 0 {
			time.Sleep(w.cfg.Idle)
			continue
		}
		m := resp.Messages[0]
		if err := w.process(ctx, m); err != nil {
			slog.ErrorContext(ctx, "parcel event", "message", *m.MessageID, "err", err)
			continue
		}
		if _, err := w.queue.DeleteMessage(ctx, *m.MessageID, *m.PopReceipt, nil); err != nil {
			slog.ErrorContext(ctx, "delete", "message", *m.MessageID, "err", err)
		}
	}
	return ctx.Err()
}

func (w *Worker) process(ctx context.Context, m *azqueue.DequeuedMessage) error {
	var ev domain.ParcelEvent
	if err := json.Unmarshal([]byte(*m.MessageText), &ev); err != nil {
		return fmt.Errorf("decode: %w", err)
	}
	return w.svc.Apply(ctx, ev)
}
