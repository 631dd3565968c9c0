// Package audit files audit records and counts them per source.
//
// Right: the buffered channel parks names of sources whose messages are deleted already, no messages.
package audit

import (
	"context"
	"encoding/json"
	"log/slog"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/data/aztables"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azqueue/v2"
)

type record struct {
	Source string
	Action string
}

// Filer files.
type Filer struct {
	queue *azqueue.QueueClient
	rows  *aztables.Client
	filed chan string
}

// NewFiler starts the counter.
func NewFiler(queue *azqueue.QueueClient, rows *aztables.Client) *Filer {
	f := &Filer{queue: queue, rows: rows, filed: make(chan string, 1000)}
	go f.count()
	return f
}

// Close stops the counter.
func (f *Filer) Close() { close(f.filed) }

func (f *Filer) count() {
	counts := map[string]int{}
	for source := range f.filed {
		counts[source]++
		time.Sleep(time.Minute)
		slog.Info("filed", "source", source, "records", counts[source])
	}
}

// File files the next record.
func (f *Filer) File(ctx context.Context) error {
	r, err := f.queue.DequeueMessage(ctx, nil)
	if err != nil {
		return err
	}
	for _, m := range r.Messages {
		var rec record
		if err := json.Unmarshal([]byte(*m.MessageText), &rec); err != nil {
			slog.Error("record", "id", *m.MessageID, "delivery", *m.DequeueCount, "err", err)
			return err
		}
		row, err := json.Marshal(map[string]string{"PartitionKey": rec.Source, "RowKey": *m.MessageID, "Action": rec.Action})
		if err != nil {
			return err
		}
		if _, err := f.rows.UpsertEntity(ctx, row, nil); err != nil {
			return err
		}
		if _, err := f.queue.DeleteMessage(ctx, *m.MessageID, *m.PopReceipt, nil); err != nil {
			return err
		}
		f.filed <- rec.Source
	}
	return nil
}
