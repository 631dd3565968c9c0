// Package orders stores orders and sets aside those that never succeed.
//
// Right: each path on which the work is done, or given up, deletes; the others leave the message for another try.
package orders

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/to"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azqueue"
)

const maxDequeue = 5

var errUnknownKind = errors.New("unknown kind")

type envelope struct {
	Kind string          `json:"kind"`
	ID   string          `json:"id"`
	Data json.RawMessage `json:"data"`
}

// Queues are the worker's queues.
type Queues struct {
	Work   *azqueue.QueueClient
	Poison *azqueue.QueueClient
}

// Worker is constructed by NewWorker.
type Worker struct {
	queues Queues
	blobs  *azblob.Client
	log    *slog.Logger
}

// NewWorker returns a Worker.
func NewWorker(queues Queues, blobs *azblob.Client, log *slog.Logger) *Worker {
	return &Worker{queues: queues, blobs: blobs, log: log.With("component", "orders")}
}

// Run polls.
func (w *Worker) Run(ctx context.Context) {
	for ctx.Err() == nil {
		resp, err := w.queues.Work.DequeueMessages(ctx, &azqueue.DequeueMessagesOptions{
			NumberOfMessages:  to.Ptr(int32(16)),
			VisibilityTimeout: to.Ptr(int32(120)),
		})
		if err != nil || len(resp.Messages) == 0 {
			if err != nil {
				w.log.Warn("dequeue", "err", err)
			}
			time.Sleep(2 * time.Second)
			continue
		}
		for _, m := range resp.Messages {
			if err := w.process(ctx, m); err != nil {
				w.log.Error("process", "id", *m.MessageID, "count", *m.DequeueCount, "err", err)
			}
		}
	}
}

func (w *Worker) process(ctx context.Context, m *azqueue.DequeuedMessage) error {
	if *m.DequeueCount > maxDequeue {
		return w.giveUp(ctx, m)
	}
	var env envelope
	if err := json.Unmarshal([]byte(*m.MessageText), &env); err != nil {
		return w.giveUp(ctx, m)
	}
	switch err := w.apply(ctx, env); {
	case errors.Is(err, errUnknownKind):
		w.log.Warn("a newer worker may know this kind", "kind", env.Kind)
		return nil
	case err != nil:
		return err
	}
	return w.done(ctx, m)
}

func (w *Worker) apply(ctx context.Context, env envelope) error {
	switch env.Kind {
	case "order":
		return w.store(ctx, "orders", env)
	case "return":
		return w.store(ctx, "returns", env)
	default:
		return fmt.Errorf("%w %q", errUnknownKind, env.Kind)
	}
}

func (w *Worker) store(ctx context.Context, container string, env envelope) error {
	_, err := w.blobs.UploadBuffer(ctx, container, env.ID+".json", env.Data, nil)
	return err
}

func (w *Worker) giveUp(ctx context.Context, m *azqueue.DequeuedMessage) error {
	if _, err := w.queues.Poison.EnqueueMessage(ctx, *m.MessageText, nil); err != nil {
		return fmt.Errorf("poison: %w", err)
	}
	return w.done(ctx, m)
}

func (w *Worker) done(ctx context.Context, m *azqueue.DequeuedMessage) error {
	if _, err := w.queues.Work.DeleteMessage(ctx, *m.MessageID, *m.PopReceipt, nil); err != nil {
		return fmt.Errorf("delete: %w", err)
	}
	return nil
}
