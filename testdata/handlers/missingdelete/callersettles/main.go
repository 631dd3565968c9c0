// Package letters drives the extractor.
//
// Right: the handler has many `return nil` and no delete; the caller deletes whenever the handler returned nil.
package letters

import (
	"context"
	"log/slog"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/container"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azqueue/v2"
	"github.com/idemlint/idemlint/testdata/handlers/missingdelete/callersettles/extract"
)

// Main is called by the command.
func Main(queue *azqueue.QueueClient, texts *container.Client) {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	ex := &extract.Extractor{Texts: texts}
	for ctx.Err() == nil {
		res, err := queue.DequeueMessages(ctx, &azqueue.DequeueMessagesOptions{})
		if err != nil {
			slog.Error("receive", "err", err)
			time.Sleep(time.Second)
			continue
		}
		for _, m := range res.Messages {
			if err := ex.Handle(ctx, *m.MessageID, *m.MessageText); err != nil {
				slog.Error("letter", "id", *m.MessageID, "tries", *m.DequeueCount, "err", err)
				continue
			}
			settle(ctx, queue, m)
		}
	}
}

func settle(ctx context.Context, queue *azqueue.QueueClient, m *azqueue.DequeuedMessage) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
	defer cancel()
	if _, err := queue.DeleteMessage(ctx, *m.MessageID, *m.PopReceipt, nil); err != nil {
		slog.Error("settle", "id", *m.MessageID, "err", err)
	}
}
