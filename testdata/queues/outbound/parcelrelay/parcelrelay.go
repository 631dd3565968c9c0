// Package parcelrelay orders a parcel for each order.
//
// Wrong: the carrier books one parcel for each POST, and nothing in the request tells it
// that the second one is the first one again.
package parcelrelay

import (
	"context"
	"encoding/json"
	"log/slog"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/to"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azqueue"

	"github.com/idemlint/idemlint/testdata/queues/outbound/parcelrelay/ship"
)

type order struct {
	Number string `json:"number"`
	Street string `json:"street"`
	Grams  int    `json:"grams"`
}

// Carrier books parcels.
type Carrier interface {
	Book(ctx context.Context, p ship.Parcel) (string, error)
}

// Relay is the worker.
type Relay struct {
	queue   *azqueue.QueueClient
	carrier Carrier
}

// New makes a worker that books with the usual carrier.
func New(queue *azqueue.QueueClient, base string) *Relay {
	return &Relay{queue: queue, carrier: ship.New(base)}
}

// Run works until the context ends.
func (r *Relay) Run(ctx context.Context) {
	for ctx.Err() == nil {
		resp, err := r.queue.DequeueMessage(ctx, &azqueue.DequeueMessageOptions{VisibilityTimeout: to.Ptr(int32(120))})
		if err != nil || len(resp.Messages) == 0 {
			time.Sleep(time.Second)
			continue
		}
		m := resp.Messages[0]
		var o order
		if err := json.Unmarshal([]byte(*m.MessageText), &o); err != nil {
			slog.Error("no order", "id", *m.MessageID, "err", err)
			continue
		}
		tracking, err := r.carrier.Book(ctx, ship.Parcel{To: o.Street, Grams: o.Grams}) // want `HTTP Do sends a POST without an idempotency key.*\(sideeffect\)`
		if err != nil {
			slog.Error("not booked", "order", o.Number, "err", err)
			continue
		}
		slog.Info("booked", "order", o.Number, "tracking", tracking)
		if _, err := r.queue.DeleteMessage(context.WithoutCancel(ctx), *m.MessageID, *m.PopReceipt, nil); err != nil {
			slog.Error("not deleted", "id", *m.MessageID, "err", err)
		}
	}
}
