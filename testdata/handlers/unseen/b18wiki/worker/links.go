// Package worker adds back links to wiki pages.
//
// Right: the version travels from Load to Save inside a struct; after a conflict everything starts from the read.
package worker

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/container"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azqueue/v2"
	"github.com/idemlint/idemlint/testdata/handlers/unseen/b18wiki/docs"
)

type page struct {
	Title string   `json:"title"`
	Links []string `json:"links"`
}

// Linker adds links.
type Linker struct {
	queue *azqueue.QueueClient
	pages docs.Backend
}

// NewLinker keeps pages in a container.
func NewLinker(queue *azqueue.QueueClient, pages *container.Client) *Linker {
	return &Linker{queue: queue, pages: docs.Azure(pages)}
}

// Run ends with the context.
func (l *Linker) Run(ctx context.Context) {
	for ctx.Err() == nil {
		resp, err := l.queue.DequeueMessage(ctx, nil)
		if err != nil {
			slog.Error("dequeue", "err", err)
		}
		for _, m := range resp.Messages {
			var link struct{ From, To string }
			if err := json.Unmarshal([]byte(*m.MessageText), &link); err != nil {
				slog.Error("not a link", "message", *m.MessageID, "err", err)
				continue
			}
			if err := l.add(ctx, link.From, link.To); err != nil {
				slog.Error("link", "message", *m.MessageID, "delivery", *m.DequeueCount, "err", err)
				continue
			}
			if _, err := l.queue.DeleteMessage(ctx, *m.MessageID, *m.PopReceipt, nil); err != nil {
				slog.Error("delete", "message", *m.MessageID, "err", err)
			}
		}
		if len(resp.Messages) == 0 {
			time.Sleep(time.Second)
		}
	}
}

func (l *Linker) add(ctx context.Context, from, target string) error {
	name := target + ".json"
	var last error
	for range 5 {
		doc, err := docs.Load[page](ctx, l.pages, name)
		if err != nil {
			return fmt.Errorf("load %s: %w", name, err)
		}
		if slices.Contains(doc.Value.Links, from) {
			return nil
		}
		doc.Value.Links = append(doc.Value.Links, from)
		slices.Sort(doc.Value.Links)
		last = docs.Save(ctx, l.pages, name, doc)
		if !errors.Is(last, docs.ErrConflict) {
			return last
		}
	}
	return last
}
