// Package worker receives finished invoices.
//
// Wrong: the invoice on the start page is one blob for all invoices; an old one delivered again replaces a newer one.
package worker

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/to"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azqueue/v2"
	"github.com/idemlint/idemlint/testdata/handlers/unseen/c01invoicefeed/invoices"
)

// Processor is constructed by New.
type Processor struct {
	queue    *azqueue.QueueClient
	invoices *invoices.Service
	log      *slog.Logger
}

// New returns a Processor.
func New(queue *azqueue.QueueClient, svc *invoices.Service, log *slog.Logger) *Processor {
	return &Processor{queue: queue, invoices: svc, log: log}
}

// Run polls until the context is done.
func (p *Processor) Run(ctx context.Context) error {
	for ctx.Err() == nil {
		resp, err := p.queue.DequeueMessages(ctx, &azqueue.DequeueMessagesOptions{
			NumberOfMessages:  to.Ptr(int32(8)),
			VisibilityTimeout: to.Ptr(int32(120)),
		})
		if err != nil {
			return fmt.Errorf("dequeue: %w", err)
		}
		if len(resp.Messages) == 0 {
			time.Sleep(2 * time.Second)
			continue
		}
		for _, m := range resp.Messages {
			if err := p.handle(ctx, *m.MessageText); err != nil {
				p.log.Error("invoice failed", "id", *m.MessageID, "attempt", *m.DequeueCount, "err", err)
				continue
			}
			if _, err := p.queue.DeleteMessage(ctx, *m.MessageID, *m.PopReceipt, nil); err != nil {
				p.log.Error("delete failed", "id", *m.MessageID, "err", err)
			}
		}
	}
	return ctx.Err()
}

func (p *Processor) handle(ctx context.Context, body string) error {
	var inv invoices.Invoice
	if err := json.Unmarshal([]byte(body), &inv); err != nil {
		return fmt.Errorf("decode: %w", err)
	}
	if err := p.invoices.Archive(ctx, inv); err != nil {
		return err
	}
	return p.invoices.Publish(ctx, inv) // want `key that several messages share.*\(blobwrite\)`
}
