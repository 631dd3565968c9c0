// Package digest makes one digest of all the alerts that are there and passes it on to the queue of the pager. An
// alert whose deletion fails is in the next digest once more, and nobody hears of it.
package digest

import (
	"context"
	"fmt"
	"log/slog"
	"strings"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/to"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azqueue"
)

// ack settles one alert.
type ack func(ctx context.Context)

type batch struct {
	lines []string
	acks  []ack
}

func (b *batch) add(line string, a ack) {
	b.lines = append(b.lines, line)
	b.acks = append(b.acks, a)
}

// Collector collects alerts.
type Collector struct {
	alerts, pager *azqueue.QueueClient
}

// NewCollector returns a Collector.
func NewCollector(alerts, pager *azqueue.QueueClient) *Collector {
	return &Collector{alerts: alerts, pager: pager}
}

// Run makes a digest a minute.
func (c *Collector) Run(ctx context.Context) error {
	every := time.NewTicker(time.Minute)
	defer every.Stop()
	for {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-every.C:
		}
		if err := c.collect(ctx); err != nil {
			slog.Error("digest", "err", err)
		}
	}
}

func (c *Collector) collect(ctx context.Context) error {
	resp, err := c.alerts.DequeueMessages(ctx, &azqueue.DequeueMessagesOptions{
		NumberOfMessages:  to.Ptr(int32(32)),
		VisibilityTimeout: to.Ptr(int32(120)),
	})
	if err != nil {
		return err
	}
	if len(resp.Messages) == 0 {
		return nil
	}
	b := new(batch)
	for _, m := range resp.Messages {
		b.add(*m.MessageText, c.acker(m))
	}
	if _, err := c.pager.EnqueueMessage(ctx, strings.Join(b.lines, "\n"), nil); err != nil {
		return fmt.Errorf("pager: %w", err)
	}
	for _, a := range b.acks {
		a(ctx)
	}
	return nil
}

func (c *Collector) acker(m *azqueue.DequeuedMessage) ack {
	return func(ctx context.Context) {
		_, _ = c.alerts.DeleteMessage(ctx, *m.MessageID, *m.PopReceipt, nil) // want `error of the settle is dropped.*\(missingdelete\)`
	}
}
