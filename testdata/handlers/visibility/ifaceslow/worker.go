// Package reports has reports rendered by a service behind an interface; the lease is two minutes.
package reports

import (
	"context"
	"log/slog"
	"net/url"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/to"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azqueue/v2"
)

// Worker is constructed by NewWorker.
type Worker struct {
	requests *azqueue.QueueClient
	renderer Renderer
}

// NewWorker renders remotely.
func NewWorker(requests *azqueue.QueueClient, endpoint *url.URL) *Worker {
	return &Worker{requests: requests, renderer: NewRemote(endpoint)}
}

// Run ends with the context.
func (w *Worker) Run(ctx context.Context) error {
	for {
		if err := ctx.Err(); err != nil {
			return err
		}
		out, err := w.requests.DequeueMessage(ctx, &azqueue.DequeueMessageOptions{VisibilityTimeout: to.Ptr(int32(120))})
		if err != nil {
			return err
		}
		for _, m := range out.Messages {
			if err := w.renderer.Render(ctx, *m.MessageID, *m.MessageText); err != nil {
				slog.ErrorContext(ctx, "report", "err", err, "delivery", *m.DequeueCount)
				continue
			}
			if _, err := w.requests.DeleteMessage(ctx, *m.MessageID, *m.PopReceipt, nil); err != nil {
				slog.ErrorContext(ctx, "delete", "err", err)
			}
		}
	}
}
