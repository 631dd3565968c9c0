// Package meters stores meter readings.
//
// Right: the deferred closure settles if and only if the named result is nil, so each `return nil` settles too.
package meters

import (
	"context"
	"encoding/csv"
	"encoding/json"
	"log/slog"
	"strings"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/data/aztables"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azqueue/v2"
)

// Reader reads the queue "meters".
type Reader struct {
	queue *azqueue.QueueClient
	table *aztables.Client
	log   *slog.Logger
}

// NewReader returns a Reader that logs with the default logger.
func NewReader(queue *azqueue.QueueClient, table *aztables.Client) *Reader {
	return &Reader{queue: queue, table: table, log: slog.Default().With("component", "meters")}
}

// Loop ends with the context.
func (r *Reader) Loop(ctx context.Context) {
	for ctx.Err() == nil {
		page, err := r.queue.DequeueMessage(ctx, nil)
		if err != nil || len(page.Messages) == 0 {
			time.Sleep(2 * time.Second)
			continue
		}
		if err := r.take(ctx, page.Messages[0]); err != nil {
			r.log.Warn("reading left in the queue", "err", err, "delivery", *page.Messages[0].DequeueCount)
		}
	}
}

func (r *Reader) take(ctx context.Context, m *azqueue.DequeuedMessage) (err error) {
	defer func() {
		if err != nil {
			return
		}
		_, err = r.queue.DeleteMessage(ctx, *m.MessageID, *m.PopReceipt, nil)
	}()
	fields, err := csv.NewReader(strings.NewReader(*m.MessageText)).Read()
	if err != nil {
		return err
	}
	props := map[string]any{"PartitionKey": "water", "RowKey": *m.MessageID}
	if len(fields) == 1 {
		props["Heartbeat"] = fields[0]
		return r.upsert(ctx, props)
	}
	props["Meter"], props["Litres"] = fields[0], fields[1]
	if err := r.upsert(ctx, props); err != nil {
		return err
	}
	if len(fields) == 2 {
		return nil
	}
	r.log.Info("surplus fields", "meter", fields[0])
	return nil
}

func (r *Reader) upsert(ctx context.Context, props map[string]any) error {
	raw, err := json.Marshal(props)
	if err != nil {
		return err
	}
	_, err = r.table.UpsertEntity(ctx, raw, &aztables.UpsertEntityOptions{UpdateMode: aztables.UpdateModeReplace})
	return err
}
