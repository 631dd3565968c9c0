// Package ledger posts entries.
//
// Right: after a failure the worker rests for two minutes, longer than the lease of 30 s, but it has let go of the
// message by then: it neither writes nor deletes anything for it afterwards.
package ledger

import (
	"context"
	"encoding/json"
	"log/slog"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/data/aztables"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azqueue/v2"
)

const rest = 2 * time.Minute

// Post posts until the context ends.
func Post(ctx context.Context, q *azqueue.QueueClient, book *aztables.Client) {
	for ctx.Err() == nil {
		got, err := q.DequeueMessage(ctx, nil)
		if err != nil || len(got.Messages) == 0 {
			time.Sleep(time.Second)
			continue
		}
		m := got.Messages[0]
		if err := post(ctx, book, m); err != nil {
			slog.Error("post", "entry", *m.MessageID, "delivery", *m.DequeueCount, "err", err)
			time.Sleep(rest)
			continue
		}
		if _, err := q.DeleteMessage(ctx, *m.MessageID, *m.PopReceipt, nil); err != nil {
			slog.Error("delete", "entry", *m.MessageID, "err", err)
			time.Sleep(rest)
		}
	}
}

func post(ctx context.Context, book *aztables.Client, m *azqueue.DequeuedMessage) error {
	row, err := json.Marshal(map[string]string{"PartitionKey": "entry", "RowKey": *m.MessageID, "Text": *m.MessageText})
	if err != nil {
		return err
	}
	_, err = book.UpsertEntity(ctx, row, nil)
	return err
}
