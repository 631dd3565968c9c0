// Package nextstage checks parcels and passes them on to the sorters.
package nextstage

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/to"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azqueue/v2"
)

// delivery is a message and what settles it.
type delivery struct {
	id      string
	attempt int64
	body    []byte
	ack     func()
}

type handler func(ctx context.Context, d delivery) error

// source reads a queue.
type source struct {
	client *azqueue.QueueClient
	every  time.Duration
}

func (s *source) subscribe(ctx context.Context, h handler) error {
	t := time.NewTimer(0)
	defer t.Stop()
	for {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-t.C:
		}
		batch, err := s.fetch(ctx)
		if err != nil {
			slog.Error("fetch", "err", err)
		}
		for _, d := range batch {
			if err := h(ctx, d); err != nil {
				slog.Error("handle", "message", d.id, "attempt", d.attempt, "err", err)
				continue
			}
			d.ack()
		}
		t.Reset(s.every)
	}
}

func (s *source) fetch(ctx context.Context) ([]delivery, error) {
	resp, err := s.client.DequeueMessages(ctx, &azqueue.DequeueMessagesOptions{
		NumberOfMessages:  to.Ptr(int32(10)),
		VisibilityTimeout: to.Ptr(int32(180)),
	})
	if err != nil {
		return nil, err
	}
	batch := make([]delivery, 0, len(resp.Messages))
	for _, m := range resp.Messages {
		batch = append(batch, delivery{
			id:      *m.MessageID,
			attempt: *m.DequeueCount,
			body:    []byte(*m.MessageText),
			ack: func() {
				done, cancel := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
				defer cancel()
				_, _ = s.client.DeleteMessage(done, *m.MessageID, *m.PopReceipt, nil) // want `error of the settle is dropped.*\(missingdelete\)`
			},
		})
	}
	return batch, nil
}

type parcel struct {
	Number string `json:"number"`
	Grams  int    `json:"grams"`
	Depot  string `json:"depot"`
}

// Run passes parcels on until the context is done.
func Run(ctx context.Context, in *azqueue.QueueClient, sorters map[string]*azqueue.QueueClient) error {
	src := &source{client: in, every: time.Second}
	return src.subscribe(ctx, func(ctx context.Context, d delivery) error {
		var p parcel
		if err := json.Unmarshal(d.body, &p); err != nil {
			return fmt.Errorf("parcel: %w", err)
		}
		sorter, ok := sorters[p.Depot]
		if !ok {
			return fmt.Errorf("no depot %q", p.Depot)
		}
		out, err := json.Marshal(p)
		if err != nil {
			return err
		}
		_, err = sorter.EnqueueMessage(ctx, string(out), nil)
		return err
	})
}
