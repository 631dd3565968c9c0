// Package invoices renders invoices that the billing front end queues.
package invoices

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/to"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azqueue/v2"
)

type invoice struct {
	Number string   `json:"number"`
	Draft  bool     `json:"draft"`
	Lines  []string `json:"lines"`
}

// Run polls until the context ends.
func Run(ctx context.Context, queue *azqueue.QueueClient, blobs *azblob.Client) error {
	for ctx.Err() == nil {
		resp, err := queue.DequeueMessage(ctx, &azqueue.DequeueMessageOptions{VisibilityTimeout: to.Ptr(int32(300))})
		if err != nil {
			return fmt.Errorf("dequeue: %w", err)
		}
		if len(resp.Messages) == 0 {
			time.Sleep(2 * time.Second)
			continue
		}
		for _, msg := range resp.Messages {
			if err := handle(ctx, queue, blobs, msg); err != nil {
				slog.ErrorContext(ctx, "invoice failed", "message", *msg.MessageID, "err", err)
			}
		}
	}
	return ctx.Err()
}

func handle(ctx context.Context, queue *azqueue.QueueClient, blobs *azblob.Client, msg *azqueue.DequeuedMessage) error {
	var inv invoice
	if err := json.Unmarshal([]byte(*msg.MessageText), &inv); err != nil {
		return fmt.Errorf("decode: %w", err)
	}
	page := render(inv)
	if inv.Draft {
		if _, err := blobs.UploadBuffer(ctx, "drafts", *msg.MessageID+".txt", page, nil); err != nil {
			return fmt.Errorf("store draft: %w", err)
		}
		slog.InfoContext(ctx, "draft stored", "number", inv.Number)
		return nil // want `work succeeded.*unsettled.*\(missingdelete\)`
	}
	if _, err := blobs.UploadBuffer(ctx, "invoices", *msg.MessageID+".txt", page, nil); err != nil {
		return fmt.Errorf("store invoice: %w", err)
	}
	if _, err := queue.DeleteMessage(ctx, *msg.MessageID, *msg.PopReceipt, nil); err != nil {
		return fmt.Errorf("delete: %w", err)
	}
	return nil
}

func render(inv invoice) []byte {
	out := []byte("INVOICE " + inv.Number + "\n")
	for i, line := range inv.Lines {
		out = fmt.Appendf(out, "%3d  %s\n", i+1, line)
	}
	return out
}
