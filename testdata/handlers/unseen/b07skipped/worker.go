// Package skipped files scanned delivery notes and keeps a mark of each.
package skipped

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"net/http"
	"sync/atomic"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/to"
	"github.com/Azure/azure-sdk-for-go/sdk/data/aztables"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azqueue/v2"
)

type outcome int

const (
	filed outcome = iota
	skipped
	rejected
	failed
)

// Worker files notes.
type Worker struct {
	queue, bad *azqueue.QueueClient
	blobs      *azblob.Client
	marks      *aztables.Client

	Filed, Skipped, Rejected, Failed atomic.Int64
}

// Run ends when the context does.
func (w *Worker) Run(ctx context.Context) {
	ticker := time.NewTicker(500 * time.Millisecond)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
		resp, err := w.queue.DequeueMessages(ctx, &azqueue.DequeueMessagesOptions{NumberOfMessages: to.Ptr(int32(16))})
		if err != nil {
			slog.Error("dequeue", "err", err)
			continue
		}
		for _, m := range resp.Messages {
			switch w.file(ctx, m) {
			case filed:
				w.Filed.Add(1)
			case skipped:
				w.Skipped.Add(1)
				slog.Info("seen before", "message", *m.MessageID)
				continue // want `(work succeeded|already done).*unsettled.*\(missingdelete\)`
			case rejected:
				w.Rejected.Add(1)
				if _, err := w.bad.EnqueueMessage(ctx, *m.MessageText, nil); err != nil {
					slog.Error("reject", "message", *m.MessageID, "err", err)
					continue
				}
			case failed:
				w.Failed.Add(1)
				continue
			}
			if _, err := w.queue.DeleteMessage(ctx, *m.MessageID, *m.PopReceipt, nil); err != nil {
				slog.Error("delete", "message", *m.MessageID, "err", err)
			}
		}
	}
}

func (w *Worker) file(ctx context.Context, m *azqueue.DequeuedMessage) outcome {
	var note struct {
		Number string          `json:"number"`
		Page   json.RawMessage `json:"page"`
	}
	if err := json.Unmarshal([]byte(*m.MessageText), &note); err != nil || note.Number == "" {
		return rejected
	}
	if _, err := w.blobs.UploadBuffer(ctx, "notes", *m.MessageID+".json", note.Page, nil); err != nil {
		slog.Error("upload", "message", *m.MessageID, "delivery", *m.DequeueCount, "err", err)
		return failed
	}
	mark, err := json.Marshal(aztables.Entity{PartitionKey: "notes", RowKey: *m.MessageID})
	if err != nil {
		return failed
	}
	if _, err := w.marks.AddEntity(ctx, mark, nil); err != nil {
		var re *azcore.ResponseError
		if errors.As(err, &re) && re.StatusCode == http.StatusConflict {
			return skipped
		}
		slog.Error("mark", "message", *m.MessageID, "err", err)
		return failed
	}
	return filed
}
