// Package exporter writes one blob for each part of an export.
//
// Right: when the context ends between parts the function returns without deleting, on purpose: the parts are
// keyed by the message and the part's number, and another worker writes them all again.
package exporter

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/to"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azqueue"
)

// Export is the payload.
type Export struct {
	Tenant string
	Parts  []string
}

// Work handles messages until the context ends.
func Work(ctx context.Context, q *azqueue.QueueClient, b *azblob.Client) {
	for {
		select {
		case <-ctx.Done():
			return
		default:
			got, err := q.DequeueMessage(ctx, &azqueue.DequeueMessageOptions{VisibilityTimeout: to.Ptr(int32(900))})
			if err != nil {
				slog.Error("exporter", "err", err)
				continue
			}
			for _, m := range got.Messages {
				export(ctx, q, b, m)
			}
		}
	}
}

func export(ctx context.Context, q *azqueue.QueueClient, b *azblob.Client, m *azqueue.DequeuedMessage) {
	var e Export
	if err := json.Unmarshal([]byte(*m.MessageText), &e); err != nil {
		slog.Error("exporter: payload", "err", err, "deliveries", *m.DequeueCount)
		return
	}
	for i, part := range e.Parts {
		select {
		case <-ctx.Done():
			slog.Info("exporter: stopped", "message", *m.MessageID, "parts", i)
			return
		default:
		}
		name := fmt.Sprintf("%s/%s/%04d", e.Tenant, *m.MessageID, i)
		if _, err := b.UploadBuffer(ctx, "exports", name, []byte(part), nil); err != nil {
			slog.Error("exporter: part", "name", name, "err", err)
			return
		}
	}
	if _, err := q.DeleteMessage(ctx, *m.MessageID, *m.PopReceipt, nil); err != nil {
		slog.Error("exporter: delete", "err", err)
	}
}
