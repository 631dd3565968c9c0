// Command shift takes swap requests from the queue.
//
// Right: see package planning.
package main

import (
	"context"
	"encoding/json"
	"log/slog"
	"os"
	"os/signal"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/container"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azqueue/v2"
	"github.com/idemlint/idemlint/testdata/handlers/etag/rostercas/planning"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	conn := os.Getenv("AZURE_STORAGE_CONNECTION_STRING")
	plans, err := container.NewClientFromConnectionString(conn, "plans", nil)
	if err != nil {
		slog.Error("plans", "err", err)
		os.Exit(2)
	}
	swaps, err := azqueue.NewQueueClientFromConnectionString(conn, "swaps", nil)
	if err != nil {
		slog.Error("swaps", "err", err)
		os.Exit(2)
	}
	serve(ctx, swaps, &planning.Book{Container: plans})
}

func serve(ctx context.Context, swaps *azqueue.QueueClient, book *planning.Book) {
	for ctx.Err() == nil {
		resp, err := swaps.DequeueMessage(ctx, nil)
		if err != nil {
			slog.Error("receive", "err", err)
			time.Sleep(time.Second)
			continue
		}
		if len(resp.Messages) == 0 {
			time.Sleep(time.Second)
			continue
		}
		handle(context.WithoutCancel(ctx), swaps, book, resp.Messages[0])
	}
}

func handle(ctx context.Context, swaps *azqueue.QueueClient, book *planning.Book, m *azqueue.DequeuedMessage) {
	ctx, cancel := context.WithTimeout(ctx, 25*time.Second)
	defer cancel()
	var swap struct{ Plan, Shift, Person string }
	if err := json.Unmarshal([]byte(*m.MessageText), &swap); err != nil {
		slog.Error("not a swap", "message", *m.MessageID, "err", err)
		return
	}
	err := book.Modify(ctx, swap.Plan, func(p *planning.Plan) { p.Shifts[swap.Shift] = swap.Person })
	if err != nil {
		slog.Warn("swap not booked, comes back", "message", *m.MessageID, "err", err)
		return
	}
	if _, err := swaps.DeleteMessage(ctx, *m.MessageID, *m.PopReceipt, nil); err != nil {
		slog.Warn("message not deleted, comes back", "message", *m.MessageID, "err", err)
	}
}
