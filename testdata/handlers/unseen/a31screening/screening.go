// Package screening has names looked up in lists of sanctions.
//
// Right: a worker is free before a message is fetched for it, so that none waits while its lease runs; the long sleeps
// are where there is no message.
package screening

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"sync"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/data/aztables"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azqueue/v2"
)

type party struct {
	ID   string `json:"id"`
	Name string `json:"name"`
}

// Pool screens several parties at once.
type Pool struct {
	queue   *azqueue.QueueClient
	results *aztables.Client
	lists   *url.URL
	client  *http.Client
	slots   chan struct{}
	idle    time.Duration
	outage  time.Duration
}

// NewPool returns a Pool of n workers.
func NewPool(n int, queue *azqueue.QueueClient, results *aztables.Client, lists *url.URL) *Pool {
	return &Pool{
		queue:   queue,
		results: results,
		lists:   lists,
		client:  &http.Client{Timeout: 20 * time.Second},
		slots:   make(chan struct{}, n),
		idle:    time.Minute,
		outage:  5 * time.Minute,
	}
}

// Run screens until the context ends, and waits for those at work.
func (p *Pool) Run(ctx context.Context) error {
	var wg sync.WaitGroup
	defer wg.Wait()
	for {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case p.slots <- struct{}{}:
		}
		m, err := p.next(ctx)
		if err != nil || m == nil {
			<-p.slots
			pause := p.idle
			if err != nil {
				slog.ErrorContext(ctx, "screening: dequeue", "err", err)
				pause = p.outage
			}
			sleep(ctx, pause)
			continue
		}
		wg.Add(1)
		go func() {
			defer wg.Done()
			defer func() { <-p.slots }()
			if err := p.screen(ctx, m); err != nil {
				slog.ErrorContext(ctx, "screening", "message", *m.MessageID, "err", err)
			}
		}()
	}
}

func sleep(ctx context.Context, d time.Duration) {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
	case <-t.C:
	}
}

func (p *Pool) next(ctx context.Context) (*azqueue.DequeuedMessage, error) {
	r, err := p.queue.DequeueMessage(ctx, nil)
	if err != nil {
		return nil, err
	}
	if len(r.Messages) == 0 {
		return nil, nil
	}
	return r.Messages[0], nil
}

func (p *Pool) screen(ctx context.Context, m *azqueue.DequeuedMessage) error {
	var who party
	if err := json.Unmarshal([]byte(*m.MessageText), &who); err != nil {
		return err
	}
	hits, err := p.lookUp(ctx, who.Name)
	if err != nil {
		return err
	}
	row, err := json.Marshal(map[string]string{"PartitionKey": "party", "RowKey": who.ID, "Hits": hits})
	if err != nil {
		return err
	}
	if _, err := p.results.AddEntity(ctx, row, nil); err != nil {
		var re *azcore.ResponseError
		if !errors.As(err, &re) || re.StatusCode != http.StatusConflict {
			return fmt.Errorf("result of %s: %w", who.ID, err)
		}
	}
	_, err = p.queue.DeleteMessage(ctx, *m.MessageID, *m.PopReceipt, nil)
	return err
}

func (p *Pool) lookUp(ctx context.Context, name string) (string, error) {
	u := *p.lists
	u.RawQuery = url.Values{"name": {name}}.Encode()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, u.String(), nil)
	if err != nil {
		return "", err
	}
	resp, err := p.client.Do(req)
	if err != nil {
		return "", err
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return "", errors.New(resp.Status)
	}
	hits, err := io.ReadAll(io.LimitReader(resp.Body, 32<<10))
	return string(hits), err
}
