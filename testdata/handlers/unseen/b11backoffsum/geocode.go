// Package backoffsum registers addresses with a slow public service, patiently.
package backoffsum

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/storage/azqueue"
)

const (
	attempts  = 5
	firstWait = 3 * time.Second
)

// Registrar registers addresses.
type Registrar struct {
	base   *url.URL
	client *http.Client
	queue  *azqueue.QueueClient
}

// NewRegistrar fails fast: a single call may take two seconds.
func NewRegistrar(base *url.URL, queue *azqueue.QueueClient) *Registrar {
	return &Registrar{base: base, client: &http.Client{Timeout: 2 * time.Second}, queue: queue}
}

// Run registers until the context is done.
func (r *Registrar) Run(ctx context.Context) {
	for ctx.Err() == nil {
		n, err := r.once(ctx)
		if err != nil {
			slog.Error("registrar", "err", err)
		}
		if n == 0 {
			time.Sleep(time.Second)
		}
	}
}

func (r *Registrar) once(ctx context.Context) (int, error) {
	resp, err := r.queue.DequeueMessage(ctx, nil)
	if err != nil {
		return 0, err
	}
	for _, m := range resp.Messages {
		err := retry(ctx, attempts, firstWait, func() error {
			return r.register(ctx, *m.MessageID, *m.MessageText)
		})
		if err != nil {
			slog.Error("register", "message", *m.MessageID, "delivery", *m.DequeueCount, "err", err)
			continue
		}
		if _, err := r.queue.DeleteMessage(ctx, *m.MessageID, *m.PopReceipt, nil); err != nil {
			return len(resp.Messages), fmt.Errorf("delete %s: %w", *m.MessageID, err)
		}
	}
	return len(resp.Messages), nil
}

func (r *Registrar) register(ctx context.Context, id, address string) error {
	body, err := json.Marshal(map[string]string{"address": address})
	if err != nil {
		return err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPut, r.base.JoinPath("addresses", id).String(), bytes.NewReader(body))
	if err != nil {
		return err
	}
	resp, err := r.client.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	if resp.StatusCode/100 != 2 {
		return fmt.Errorf("registry: %s", resp.Status)
	}
	return nil
}

// retry calls f until it succeeds; the pause doubles each time.
func retry(ctx context.Context, attempts int, pause time.Duration, f func() error) error {
	for i := 1; ; i++ {
		err := f()
		if err == nil {
			return nil
		}
		if i == attempts {
			return fmt.Errorf("after %d attempts: %w", attempts, err)
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(pause): // want `can outlast the lease.*\(visibility\)`
			pause *= 2
		}
	}
}
