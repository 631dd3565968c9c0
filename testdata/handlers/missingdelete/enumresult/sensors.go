// Package sensors files readings of field sensors.
package sensors

import (
	"context"
	"encoding/json"
	"log/slog"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/to"
	"github.com/Azure/azure-sdk-for-go/sdk/data/aztables"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azqueue/v2"
)

type outcome int

const (
	retryLater outcome = iota
	filed
	ignored
)

type reading struct {
	Sensor string  `json:"sensor"`
	Seq    string  `json:"seq"`
	Value  float64 `json:"value"`
	Test   bool    `json:"test"`
}

type filer struct {
	readings *aztables.Client
	log      *slog.Logger
}

// Collect reads the queue until the context is done.
func Collect(ctx context.Context, q *azqueue.QueueClient, readings *aztables.Client, log *slog.Logger) {
	f := filer{readings: readings, log: log}
	pause := time.Second
	for ctx.Err() == nil {
		r, err := q.DequeueMessage(ctx, &azqueue.DequeueMessageOptions{VisibilityTimeout: to.Ptr(int32(120))})
		if err != nil || len(r.Messages) != 1 {
			time.Sleep(pause)
			continue
		}
		m := r.Messages[0]
		switch f.file(ctx, *m.MessageText) {
		case filed:
			log.Debug("filed", "id", *m.MessageID)
			continue // want `work succeeded.*unsettled.*\(missingdelete\)`
		case ignored:
			log.Debug("test reading", "id", *m.MessageID)
		case retryLater:
			time.Sleep(pause)
			continue
		}
		if _, err := q.DeleteMessage(context.WithoutCancel(ctx), *m.MessageID, *m.PopReceipt, nil); err != nil {
			log.Error("delete", "id", *m.MessageID, "err", err)
		}
	}
}

func (f filer) file(ctx context.Context, text string) outcome {
	var rd reading
	if err := json.Unmarshal([]byte(text), &rd); err != nil {
		f.log.Error("unreadable", "err", err)
		return retryLater
	}
	if rd.Test {
		return ignored
	}
	row, err := json.Marshal(aztables.EDMEntity{
		Entity:     aztables.Entity{PartitionKey: rd.Sensor, RowKey: rd.Seq},
		Properties: map[string]any{"Value": rd.Value},
	})
	if err != nil {
		return retryLater
	}
	if _, err := f.readings.UpsertEntity(ctx, row, nil); err != nil {
		f.log.Error("upsert", "sensor", rd.Sensor, "err", err)
		return retryLater
	}
	return filed
}
