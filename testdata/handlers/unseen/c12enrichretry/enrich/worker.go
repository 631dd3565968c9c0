// Package enrich stores where customers live.
//
// Wrong: four attempts of fifteen seconds each take a minute, the lease is the queue's default of thirty seconds.
package enrich

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/data/aztables"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azqueue/v2"
	"github.com/idemlint/idemlint/testdata/handlers/unseen/c12enrichretry/geo"
)

// Worker is constructed by New.
type Worker struct {
	queue  *azqueue.QueueClient
	places *aztables.Client
	geo    *geo.Client
}

// New returns a Worker.
func New(queue *azqueue.QueueClient, places *aztables.Client, g *geo.Client) *Worker {
	return &Worker{queue: queue, places: places, geo: g}
}

// Run works until the context ends.
func (w *Worker) Run(ctx context.Context) error {
	for ctx.Err() == nil {
		resp, err := w.queue.DequeueMessage(ctx, nil)
		if err != nil {
			return err
		}
		if len(resp.Messages) == 0 {
			time.Sleep(time.Second)
			continue
		}
		if err := w.handle(ctx, resp.Messages[0]); err != nil {
			slog.Error("enrich", "id", *resp.Messages[0].MessageID, "count", *resp.Messages[0].DequeueCount, "err", err)
		}
	}
	return ctx.Err()
}

func (w *Worker) handle(ctx context.Context, m *azqueue.DequeuedMessage) error {
	var c struct {
		ID      string `json:"id"`
		Region  string `json:"region"`
		Address string `json:"address"`
	}
	if err := json.Unmarshal([]byte(*m.MessageText), &c); err != nil {
		return err
	}
	pt, err := w.geo.Locate(ctx, c.Address) // want `can outlast the lease.*\(visibility\)`
	if err != nil {
		return fmt.Errorf("locate: %w", err)
	}
	row, err := json.Marshal(map[string]any{"PartitionKey": c.Region, "RowKey": c.ID, "Lat": pt.Lat, "Lon": pt.Lon})
	if err != nil {
		return err
	}
	if _, err := w.places.AddEntity(ctx, row, nil); err != nil && !exists(err) {
		return fmt.Errorf("add: %w", err)
	}
	_, err = w.queue.DeleteMessage(ctx, *m.MessageID, *m.PopReceipt, nil)
	return err
}
