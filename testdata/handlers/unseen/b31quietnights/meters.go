// Package quietnights stores meter readings, which nobody sends at night.
//
// Right: the long sleeps are while the queue is empty, after an error of the receive, after the delete and while the
// breaker is open, which is before the receive. The default lease only has to outlast two writes.
package quietnights

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"math/rand/v2"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/data/aztables"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azqueue/v2"
)

// Collector collects.
type Collector struct {
	queue    *azqueue.QueueClient
	raw      *azblob.Client
	readings *aztables.Client

	pace     time.Duration // between readings: the table is small
	failures int
}

// New returns a Collector.
func New(queue *azqueue.QueueClient, raw *azblob.Client, readings *aztables.Client) *Collector {
	return &Collector{queue: queue, raw: raw, readings: readings, pace: 45 * time.Second}
}

type backoff struct {
	next, limit time.Duration
}

func (b *backoff) wait(ctx context.Context) error {
	d := b.next + rand.N(b.next/4)
	b.next = min(2*b.next, b.limit)
	return sleep(ctx, d)
}

func sleep(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-t.C:
		return nil
	}
}

// Run ends with the context.
func (c *Collector) Run(ctx context.Context) error {
	for {
		if c.failures >= 10 {
			slog.Warn("breaker is open")
			if err := sleep(ctx, 10*time.Minute); err != nil {
				return err
			}
			c.failures = 0
		}
		m, err := c.next(ctx)
		if err != nil {
			return err
		}
		if err := c.store(ctx, m); err != nil {
			c.failures++
			slog.Error("reading", "message", *m.MessageID, "delivery", *m.DequeueCount, "err", err)
			continue
		}
		if _, err := c.queue.DeleteMessage(ctx, *m.MessageID, *m.PopReceipt, nil); err != nil {
			slog.Error("delete", "message", *m.MessageID, "err", err)
			continue
		}
		c.failures = 0
		if err := sleep(ctx, c.pace); err != nil {
			return err
		}
	}
}

// next returns the next message, however long that takes.
func (c *Collector) next(ctx context.Context) (*azqueue.DequeuedMessage, error) {
	idle := &backoff{next: time.Second, limit: 15 * time.Minute}
	broken := &backoff{next: 5 * time.Second, limit: 5 * time.Minute}
	for {
		resp, err := c.queue.DequeueMessage(ctx, nil)
		if errors.Is(err, context.Canceled) {
			return nil, err
		}
		wait := idle
		if err != nil {
			slog.Error("dequeue", "err", err)
			wait = broken
		} else if len(resp.Messages) > 0 {
			return resp.Messages[0], nil
		}
		if err := wait.wait(ctx); err != nil {
			return nil, err
		}
	}
}

func (c *Collector) store(ctx context.Context, m *azqueue.DequeuedMessage) error {
	var r struct {
		Meter string    `json:"meter"`
		At    time.Time `json:"at"`
		Value float64   `json:"value"`
	}
	if err := json.Unmarshal([]byte(*m.MessageText), &r); err != nil {
		return err
	}
	if _, err := c.raw.UploadBuffer(ctx, "raw", *m.MessageID, []byte(*m.MessageText), nil); err != nil {
		return err
	}
	row, err := json.Marshal(map[string]any{
		"PartitionKey": r.Meter,
		"RowKey":       r.At.UTC().Format("20060102T150405Z"),
		"Value":        r.Value,
		"ValidUntil":   r.At.Add(15 * time.Minute).UTC(),
	})
	if err != nil {
		return err
	}
	_, err = c.readings.UpsertEntity(ctx, row, nil)
	return err
}
