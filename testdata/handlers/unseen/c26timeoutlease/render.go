// Package render has statements rendered by a remote service, which keeps them under their ids.
//
// Right: the lease is the job's timeout and half a minute more.
package render

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/to"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azqueue/v2"
)

// Config is read from flags.
type Config struct {
	Endpoint   string
	JobTimeout time.Duration
}

// DefaultConfig gives a job ten minutes.
func DefaultConfig() Config {
	return Config{Endpoint: "http://renderer:8080/pdf", JobTimeout: 10 * time.Minute}
}

func (c Config) lease() *int32 {
	return to.Ptr(int32((c.JobTimeout + 30*time.Second).Seconds()))
}

// Worker is constructed by New.
type Worker struct {
	cfg    Config
	queue  *azqueue.QueueClient
	client *http.Client
}

// New returns a Worker with the default configuration.
func New(queue *azqueue.QueueClient) *Worker {
	return &Worker{cfg: DefaultConfig(), queue: queue, client: new(http.Client)}
}

// Run renders.
func (w *Worker) Run(ctx context.Context) error {
	for {
		resp, err := w.queue.DequeueMessage(ctx, &azqueue.DequeueMessageOptions{VisibilityTimeout: w.cfg.lease()})
		if err != nil {
			return err
		}
		for _, m := range resp.Messages {
			if err := w.job(ctx, *m.MessageID, *m.MessageText); err != nil {
				slog.Error("render", "id", *m.MessageID, "count", *m.DequeueCount, "err", err)
				continue
			}
			if _, err := w.queue.DeleteMessage(ctx, *m.MessageID, *m.PopReceipt, nil); err != nil {
				slog.Error("delete", "id", *m.MessageID, "err", err)
			}
		}
		if len(resp.Messages) == 0 {
			time.Sleep(time.Second)
		}
	}
}

func (w *Worker) job(ctx context.Context, id, source string) error {
	ctx, cancel := context.WithTimeout(ctx, w.cfg.JobTimeout)
	defer cancel()
	if err := w.render(ctx, id, source); err != nil {
		return fmt.Errorf("render: %w", err)
	}
	return nil
}

func (w *Worker) render(ctx context.Context, id, source string) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodPut, w.cfg.Endpoint+"/"+id, bytes.NewReader([]byte(source)))
	if err != nil {
		return err
	}
	resp, err := w.client.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return errors.New(resp.Status)
	}
	return nil
}
