// Package batchlease has reviews checked one after the other.
//
// Right: the lease is that of a whole batch whose every review takes its full time, and half a minute more.
package batchlease

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/to"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/container"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azqueue"
)

const (
	batchSize    = 8
	perReview    = 20 * time.Second
	leaseSeconds = int32((batchSize*perReview + 30*time.Second) / time.Second)
)

// Checker checks reviews.
type Checker struct {
	queue   *azqueue.QueueClient
	results *container.Client
	service string
	http    *http.Client
}

// New returns a Checker.
func New(queue *azqueue.QueueClient, results *container.Client, service string) *Checker {
	return &Checker{
		queue:   queue,
		results: results,
		service: service,
		http:    &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 1}},
	}
}

// Run ends with the context.
func (c *Checker) Run(ctx context.Context) error {
	every := time.NewTicker(10 * time.Second)
	defer every.Stop()
	for {
		n, err := c.batch(ctx)
		if err != nil {
			slog.Error("batch", "err", err)
		}
		if n == batchSize {
			continue // there may be more
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-every.C:
		}
	}
}

func (c *Checker) batch(ctx context.Context) (int, error) {
	resp, err := c.queue.DequeueMessages(ctx, &azqueue.DequeueMessagesOptions{
		NumberOfMessages:  to.Ptr(int32(batchSize)),
		VisibilityTimeout: to.Ptr(leaseSeconds),
	})
	if err != nil {
		return 0, err
	}
	var errs []error
	for _, m := range resp.Messages {
		if err := c.one(ctx, m); err != nil {
			errs = append(errs, fmt.Errorf("review %s, delivery %d: %w", *m.MessageID, *m.DequeueCount, err))
		}
	}
	return len(resp.Messages), errors.Join(errs...)
}

func (c *Checker) one(ctx context.Context, m *azqueue.DequeuedMessage) error {
	ctx, cancel := context.WithTimeout(ctx, perReview)
	defer cancel()
	verdict, err := c.check(ctx, *m.MessageText)
	if err != nil {
		return err
	}
	if !json.Valid(verdict) {
		return errors.New("verdict is not JSON")
	}
	if _, err := c.results.NewBlockBlobClient(*m.MessageID+".json").UploadBuffer(ctx, verdict, nil); err != nil {
		return err
	}
	_, err = c.queue.DeleteMessage(ctx, *m.MessageID, *m.PopReceipt, nil)
	return err
}

func (c *Checker) check(ctx context.Context, text string) ([]byte, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, c.service+"/check", strings.NewReader(text))
	if err != nil {
		return nil, err
	}
	resp, err := c.http.Do(req)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("check: %s", resp.Status)
	}
	return io.ReadAll(resp.Body)
}
