// Package quote gets quotes from insurers for applications that customers have sent.
package quote

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/to"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/blob"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/bloberror"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azqueue/v2"
)

type application struct {
	ID      string          `json:"id"`
	Insurer string          `json:"insurer"`
	Form    json.RawMessage `json:"form"`
}

var errUpstream = errors.New("upstream")

// Fetcher gets quotes.
type Fetcher struct {
	cfg    Config
	queue  *azqueue.QueueClient
	quotes *azblob.Client
	http   *http.Client
}

// NewFetcher returns a Fetcher.
func NewFetcher(cfg Config, queue *azqueue.QueueClient, quotes *azblob.Client) *Fetcher {
	return &Fetcher{cfg: cfg, queue: queue, quotes: quotes, http: &http.Client{Timeout: cfg.RequestTimeout}}
}

// NewFetcherFromEnv returns a Fetcher that the environment configures.
func NewFetcherFromEnv(queue *azqueue.QueueClient, quotes *azblob.Client) *Fetcher {
	return NewFetcher(ConfigFromEnv(), queue, quotes)
}

// Run gets quotes until the context ends.
func (f *Fetcher) Run(ctx context.Context) error {
	for {
		if err := ctx.Err(); err != nil {
			return err
		}
		resp, err := f.queue.DequeueMessage(ctx, nil)
		if err != nil {
			return err
		}
		for _, m := range resp.Messages {
			if err := f.handle(ctx, *m.MessageText); err != nil {
				slog.ErrorContext(ctx, "quote", "message", *m.MessageID, "err", err)
				continue
			}
			if _, err := f.queue.DeleteMessage(ctx, *m.MessageID, *m.PopReceipt, nil); err != nil {
				slog.ErrorContext(ctx, "delete", "message", *m.MessageID, "err", err)
			}
		}
	}
}

func (f *Fetcher) handle(ctx context.Context, text string) error {
	var app application
	if err := json.Unmarshal([]byte(text), &app); err != nil {
		return err
	}
	var quote []byte
	err := f.retry(ctx, func() error {
		var err error
		quote, err = f.ask(ctx, app)
		return err
	})
	if err != nil {
		return fmt.Errorf("%s: %w", app.Insurer, err)
	}
	_, err = f.quotes.UploadBuffer(ctx, "quotes", app.ID+"/"+app.Insurer+".json", quote, &azblob.UploadBufferOptions{
		AccessConditions: &blob.AccessConditions{ModifiedAccessConditions: &blob.ModifiedAccessConditions{IfNoneMatch: to.Ptr(azcore.ETagAny)}},
	})
	if bloberror.HasCode(err, bloberror.BlobAlreadyExists) {
		return nil
	}
	return err
}

func (f *Fetcher) retry(ctx context.Context, fn func() error) (err error) {
	pause := f.cfg.Backoff
	for attempt := 1; attempt <= f.cfg.MaxAttempts; attempt++ {
		if err = fn(); err == nil || !errors.Is(err, errUpstream) {
			return err
		}
		slog.WarnContext(ctx, "upstream", "attempt", attempt, "err", err)
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(pause):
			pause *= 2
		}
	}
	return err
}

func (f *Fetcher) ask(ctx context.Context, app application) ([]byte, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodPut, f.cfg.Upstream+"/"+app.Insurer+"/quotes/"+app.ID, bytes.NewReader(app.Form))
	if err != nil {
		return nil, err
	}
	resp, err := f.http.Do(req) // want `can outlast the lease.*\(visibility\)`
	if err != nil {
		return nil, fmt.Errorf("%w: %w", errUpstream, err)
	}
	defer resp.Body.Close()
	if resp.StatusCode >= http.StatusInternalServerError {
		return nil, fmt.Errorf("%w: %s", errUpstream, resp.Status)
	}
	if resp.StatusCode != http.StatusOK {
		return nil, errors.New(resp.Status)
	}
	return io.ReadAll(io.LimitReader(resp.Body, 1<<20))
}
