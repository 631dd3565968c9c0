// Package runner reckons the lease from the time that its handler may take, and a margin for the settlement.
package runner

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/to"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azqueue"
)

const margin = 15 * time.Second

// Task is what a Runner runs.
type Task interface {
	Timeout() time.Duration
	Do(ctx context.Context, id, text string) error
}

// Runner runs tasks.
type Runner[T Task] struct {
	queue *azqueue.QueueClient
	task  T
}

// New returns a Runner.
func New[T Task](queue *azqueue.QueueClient, task T) *Runner[T] {
	return &Runner[T]{queue: queue, task: task}
}

func (r *Runner[T]) dequeue(ctx context.Context) ([]*azqueue.DequeuedMessage, error) {
	lease := int32((r.task.Timeout() + margin) / time.Second)
	resp, err := r.queue.DequeueMessage(ctx, &azqueue.DequeueMessageOptions{VisibilityTimeout: to.Ptr(lease)})
	return resp.Messages, err
}

// Run ends with the context.
func (r *Runner[T]) Run(ctx context.Context) error {
	for ctx.Err() == nil {
		msgs, err := r.dequeue(ctx)
		if err != nil {
			return err
		}
		for _, m := range msgs {
			limited, cancel := context.WithTimeout(ctx, r.task.Timeout())
			err := r.task.Do(limited, *m.MessageID, *m.MessageText)
			cancel()
			if err != nil {
				slog.Error("task", "id", *m.MessageID, "delivery", *m.DequeueCount, "err", err)
				continue
			}
			if _, err := r.queue.DeleteMessage(ctx, *m.MessageID, *m.PopReceipt, nil); err != nil {
				return fmt.Errorf("delete: %w", err)
			}
		}
	}
	return ctx.Err()
}

// Publish puts a text under the message's id.
type Publish struct{ Site string }

// Timeout is four minutes.
func (Publish) Timeout() time.Duration { return 4 * time.Minute }

// Do publishes.
func (p Publish) Do(ctx context.Context, id, text string) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodPut, p.Site+"/texts/"+id, strings.NewReader(text))
	if err != nil {
		return err
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	if resp.StatusCode >= http.StatusBadRequest {
		return fmt.Errorf("publish: %s", resp.Status)
	}
	return nil
}

// Serve publishes.
func Serve(ctx context.Context, queue *azqueue.QueueClient, site string) error {
	return New(queue, Publish{Site: site}).Run(ctx)
}
