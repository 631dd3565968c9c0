// Package nightly files the night's statements.
//
// Right: it sleeps for minutes, but never with a message in hand: when the queue is empty, when receiving
// failed, and between rounds.
package nightly

import (
	"context"
	"log/slog"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azqueue"
)

const (
	whenEmpty  = 5 * time.Minute
	whenBroken = 2 * time.Minute
)

// File runs for the whole night.
func File(ctx context.Context, q *azqueue.QueueClient, b *azblob.Client) {
	failures := 0
	for ctx.Err() == nil {
		page, err := q.DequeueMessages(ctx, nil)
		if err != nil {
			failures++
			slog.Error("receive", "failures", failures, "err", err)
			time.Sleep(time.Duration(failures) * whenBroken)
			continue
		}
		failures = 0
		if len(page.Messages) == 0 {
			slog.Debug("nothing to file")
			time.Sleep(whenEmpty)
			continue
		}
		for _, m := range page.Messages {
			name := "statements/" + *m.MessageID
			if _, err := b.UploadBuffer(ctx, "nightly", name, []byte(*m.MessageText), nil); err != nil {
				slog.Error("file", "name", name, "delivery", *m.DequeueCount, "err", err)
				continue
			}
			if _, err := q.DeleteMessage(ctx, *m.MessageID, *m.PopReceipt, nil); err != nil {
				slog.Error("delete", "name", name, "err", err)
			}
		}
	}
}
