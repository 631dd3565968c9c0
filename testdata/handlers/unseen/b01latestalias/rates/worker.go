// Package rates publishes exchange rates: each under its own name, and the site reads the alias.
package rates

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/to"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azqueue/v2"
	"github.com/idemlint/idemlint/testdata/handlers/unseen/b01latestalias/store"
)

// Config is read from the environment by main.
type Config struct {
	Container string
	Alias     string // name under which the site reads
	Poll      time.Duration
}

// Worker publishes rates.
type Worker struct {
	cfg   Config
	queue *azqueue.QueueClient
	out   store.Putter
	log   *slog.Logger
}

type fixing struct {
	ID    string             `json:"id"`
	Base  string             `json:"base"`
	Rates map[string]float64 `json:"rates"`
}

// New wires a Worker.
func New(cfg Config, queue *azqueue.QueueClient, blobs *azblob.Client, log *slog.Logger) *Worker {
	if cfg.Poll == 0 {
		cfg.Poll = 2 * time.Second
	}
	return &Worker{cfg: cfg, queue: queue, out: store.Timed(store.NewBlobs(blobs, cfg.Container)), log: log}
}

// Run polls until the context is done.
func (w *Worker) Run(ctx context.Context) error {
	tick := time.NewTicker(w.cfg.Poll)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-tick.C:
			if err := w.poll(ctx); err != nil {
				w.log.Error("poll", "err", err)
			}
		}
	}
}

func (w *Worker) poll(ctx context.Context) error {
	resp, err := w.queue.DequeueMessages(ctx, &azqueue.DequeueMessagesOptions{
		NumberOfMessages:  to.Ptr(int32(8)),
		VisibilityTimeout: to.Ptr(int32(120)),
	})
	if err != nil {
		return fmt.Errorf("dequeue: %w", err)
	}
	for _, m := range resp.Messages {
		if err := w.publish(ctx, []byte(*m.MessageText)); err != nil {
			w.log.Error("not published", "message", *m.MessageID, "delivery", *m.DequeueCount, "err", err)
			continue
		}
		if _, err := w.queue.DeleteMessage(ctx, *m.MessageID, *m.PopReceipt, nil); err != nil {
			w.log.Error("published but not deleted", "message", *m.MessageID, "err", err)
		}
	}
	return nil
}

func (w *Worker) publish(ctx context.Context, text []byte) error {
	var f fixing
	if err := json.Unmarshal(text, &f); err != nil {
		return fmt.Errorf("fixing: %w", err)
	}
	body, err := json.MarshalIndent(f, "", "  ")
	if err != nil {
		return err
	}
	if err := w.out.Put(ctx, "fixings/"+f.ID+".json", body); err != nil {
		return err
	}
	return w.out.Put(ctx, w.cfg.Alias, body) // want `key that several messages share.*\(blobwrite\)`
}
