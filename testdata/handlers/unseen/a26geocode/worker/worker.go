// Package worker finds out where customers live.
package worker

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/to"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azqueue"
	"github.com/idemlint/idemlint/testdata/handlers/unseen/a26geocode/geo"
)

// Locator finds addresses.
type Locator interface {
	Locate(ctx context.Context, address string) (geo.Point, error)
}

// Places keeps what is found.
type Places interface {
	Add(ctx context.Context, id string, at geo.Point) error
}

type request struct {
	ID      string `json:"id"`
	Address string `json:"address"`
}

// Worker works.
type Worker struct {
	queue   *azqueue.QueueClient
	locator Locator
	places  Places
	lease   time.Duration
	log     *slog.Logger
}

// New returns a Worker.
func New(queue *azqueue.QueueClient, places Places, locator Locator) *Worker {
	return &Worker{queue: queue, locator: locator, places: places, lease: 2 * time.Minute, log: slog.Default()}
}

// Run works until the context ends.
func (w *Worker) Run(ctx context.Context) error {
	for {
		resp, err := w.queue.DequeueMessage(ctx, &azqueue.DequeueMessageOptions{
			VisibilityTimeout: to.Ptr(int32(w.lease.Seconds())),
		})
		if err != nil {
			return fmt.Errorf("dequeue: %w", err)
		}
		if len(resp.Messages) == 0 {
			select {
			case <-ctx.Done():
				return ctx.Err()
			case <-time.After(time.Second):
				continue
			}
		}
		for _, m := range resp.Messages {
			if err := w.locate(ctx, *m.MessageText); err != nil {
				w.log.ErrorContext(ctx, "locate", "message", *m.MessageID, "err", err)
				continue
			}
			if _, err := w.queue.DeleteMessage(ctx, *m.MessageID, *m.PopReceipt, nil); err != nil {
				w.log.ErrorContext(ctx, "delete", "message", *m.MessageID, "err", err)
			}
		}
	}
}

func (w *Worker) locate(ctx context.Context, text string) error {
	var r request
	if err := json.Unmarshal([]byte(text), &r); err != nil {
		return err
	}
	at, err := w.locator.Locate(ctx, r.Address) // want `wait without a bound.*\(visibility\)`
	if err != nil {
		return err
	}
	return w.places.Add(ctx, r.ID, at)
}
