// Package drainpool stores alarms with a pool of workers that a shutdown lets finish.
//
// Right: a message is fetched only when a worker is free. One that a shutdown catches between receiver and worker has
// not been touched and goes back; one that a worker has is finished and deleted on a context of its own.
package drainpool

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/to"
	"github.com/Azure/azure-sdk-for-go/sdk/data/aztables"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azqueue"
)

// Pool stores alarms.
type Pool struct {
	Queue   *azqueue.QueueClient
	Alarms  *aztables.Client
	Workers int

	handled, failed atomic.Int64
}

// Run returns when the context is done and all workers have finished, or did not within a minute.
func (p *Pool) Run(ctx context.Context) error {
	free := make(chan struct{}, p.Workers)
	work := make(chan *azqueue.DequeuedMessage)
	var wg sync.WaitGroup
	for range p.Workers {
		free <- struct{}{}
		wg.Go(func() {
			for m := range work {
				p.one(context.WithoutCancel(ctx), m)
				free <- struct{}{}
			}
		})
	}
	err := p.receive(ctx, free, work)
	close(work)

	finished := make(chan struct{})
	go func() { wg.Wait(); close(finished) }()
	select {
	case <-finished:
	case <-time.After(time.Minute):
		err = errors.Join(err, errors.New("workers did not finish"))
	}
	slog.Info("pool", "handled", p.handled.Load(), "failed", p.failed.Load())
	return err
}

func (p *Pool) receive(ctx context.Context, free <-chan struct{}, work chan<- *azqueue.DequeuedMessage) error {
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-free:
		}
		m, err := p.next(ctx)
		if m == nil {
			return err
		}
		select {
		case work <- m:
		case <-ctx.Done():
			return nil
		}
	}
}

func (p *Pool) next(ctx context.Context) (*azqueue.DequeuedMessage, error) {
	for pause := time.Second; ; pause = min(2*pause, 30*time.Second) {
		resp, err := p.Queue.DequeueMessage(ctx, &azqueue.DequeueMessageOptions{VisibilityTimeout: to.Ptr(int32(60))})
		switch {
		case ctx.Err() != nil:
			return nil, nil
		case err != nil:
			return nil, fmt.Errorf("dequeue: %w", err)
		case len(resp.Messages) == 1:
			return resp.Messages[0], nil
		}
		select {
		case <-ctx.Done():
			return nil, nil
		case <-time.After(pause):
		}
	}
}

func (p *Pool) one(ctx context.Context, m *azqueue.DequeuedMessage) {
	ctx, cancel := context.WithTimeout(ctx, 40*time.Second)
	defer cancel()
	err := p.store(ctx, *m.MessageID, *m.MessageText)
	if err == nil {
		_, err = p.Queue.DeleteMessage(ctx, *m.MessageID, *m.PopReceipt, nil)
	}
	if err != nil {
		p.failed.Add(1)
		slog.Error("alarm", "message", *m.MessageID, "delivery", *m.DequeueCount, "err", err)
		return
	}
	p.handled.Add(1)
}

func (p *Pool) store(ctx context.Context, id, text string) error {
	var alarm struct {
		Site  string `json:"site"`
		Level int    `json:"level"`
		Text  string `json:"text"`
	}
	if err := json.Unmarshal([]byte(text), &alarm); err != nil {
		return err
	}
	if alarm.Level == 0 {
		return nil
	}
	row, err := json.Marshal(map[string]any{
		"PartitionKey": alarm.Site,
		"RowKey":       id,
		"Level":        alarm.Level,
		"Text":         alarm.Text,
		"StoredAt":     time.Now().UTC().Format(time.RFC3339),
	})
	if err != nil {
		return err
	}
	_, err = p.Alarms.UpsertEntity(ctx, row, nil)
	return err
}
