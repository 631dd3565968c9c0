// Package metricsafter stores weather observations and keeps statistics of its own work.
//
// Right: the row is written before the delete; what follows the delete (counters, an observer, a log line) describes
// this process, and nobody misses it after a crash.
//
// Message: {"station":"st-2","hour":"2024-05-01T10","celsius":17}
package metricsafter

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"sync/atomic"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/to"
	"github.com/Azure/azure-sdk-for-go/sdk/data/aztables"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azqueue/v2"
)

// Stats counts what one process has done.
type Stats struct {
	stored atomic.Int64
	redone atomic.Int64
	slowly atomic.Int64
}

func (s *Stats) done(m *azqueue.DequeuedMessage, took time.Duration) {
	s.stored.Add(1)
	if *m.DequeueCount > 1 {
		s.redone.Add(1)
	}
	if took > time.Second {
		s.slowly.Add(1)
	}
}

// Observatory stores observations.
type Observatory struct {
	Queue   *azqueue.QueueClient
	Table   *aztables.Client
	Stats   Stats
	Observe func(station string, took time.Duration) // may be nil
}

// Store stores the next observation.
func (o *Observatory) Store(ctx context.Context) error {
	r, err := o.Queue.DequeueMessage(ctx, &azqueue.DequeueMessageOptions{VisibilityTimeout: to.Ptr(int32(60))})
	if err != nil {
		return fmt.Errorf("dequeue: %w", err)
	}
	for _, m := range r.Messages {
		began := time.Now()
		var ob struct {
			Station string `json:"station"`
			Hour    string `json:"hour"`
			Celsius int    `json:"celsius"`
		}
		if err := json.Unmarshal([]byte(*m.MessageText), &ob); err != nil {
			return fmt.Errorf("observation %s: %w", *m.MessageID, err)
		}
		row, err := json.Marshal(map[string]any{"PartitionKey": ob.Station, "RowKey": ob.Hour, "Celsius": ob.Celsius})
		if err != nil {
			return err
		}
		if _, err := o.Table.UpsertEntity(ctx, row, nil); err != nil {
			return fmt.Errorf("store %s/%s: %w", ob.Station, ob.Hour, err)
		}
		if _, err := o.Queue.DeleteMessage(ctx, *m.MessageID, *m.PopReceipt, nil); err != nil {
			return fmt.Errorf("delete %s: %w", *m.MessageID, err)
		}
		took := time.Since(began)
		o.Stats.done(m, took)
		if o.Observe != nil {
			o.Observe(ob.Station, took)
		}
		slog.InfoContext(ctx, "stored", "station", ob.Station, "hour", ob.Hour, "took", took)
	}
	return nil
}
