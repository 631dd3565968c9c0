// Package gofire writes meter readings, each in a goroutine of its own.
//
// Wrong: the delete does not wait for the goroutine. A crash (or a plain end of the process) after the delete
// takes the unwritten row with it; so does a table that refuses the row.
//
// Message: {"meter":"m-3","day":"2024-05-01","kwh":12}
package gofire

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/to"
	"github.com/Azure/azure-sdk-for-go/sdk/data/aztables"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azqueue/v2"
)

// Collector owns the clients.
type Collector struct {
	Queue    *azqueue.QueueClient
	Readings *aztables.Client
	Log      *slog.Logger
}

type reading struct {
	Meter string `json:"meter"`
	Day   string `json:"day"`
	KWh   int    `json:"kwh"`
}

// Collect takes up to eight readings.
func (c *Collector) Collect(ctx context.Context) error {
	batch, err := c.Queue.DequeueMessages(ctx, &azqueue.DequeueMessagesOptions{
		NumberOfMessages:  to.Ptr(int32(8)),
		VisibilityTimeout: to.Ptr(int32(60)),
	})
	if err != nil {
		return err
	}
	for _, m := range batch.Messages {
		var r reading
		if err := json.Unmarshal([]byte(*m.MessageText), &r); err != nil {
			c.Log.Error("unreadable, left", "id", *m.MessageID, "err", err)
			continue
		}
		go c.write(context.WithoutCancel(ctx), r)
		if _, err := c.Queue.DeleteMessage(ctx, *m.MessageID, *m.PopReceipt, nil); err != nil { // want `\(earlydelete\)`
			c.Log.Warn("delete", "id", *m.MessageID, "err", err)
		}
	}
	return nil
}

func (c *Collector) write(ctx context.Context, r reading) {
	row, err := json.Marshal(map[string]any{"PartitionKey": r.Meter, "RowKey": r.Day, "KWh": r.KWh})
	if err != nil {
		c.Log.Error("marshal", "meter", r.Meter, "err", err)
		return
	}
	if _, err := c.Readings.UpsertEntity(ctx, row, nil); err != nil {
		c.Log.Error("upsert", "meter", r.Meter, "err", fmt.Errorf("day %s: %w", r.Day, err))
	}
}
