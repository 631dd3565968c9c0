// Package leaseunits has statements rendered by the print service.
package leaseunits

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/to"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azqueue/v2"
)

const (
	handlerTimeout = 5 * time.Minute
	margin         = time.Minute
)

// handlerFunc handles one message within the context's deadline.
type handlerFunc func(ctx context.Context, id string, body []byte) error

// Runner runs a handler on each message of a queue.
type Runner struct {
	Queue *azqueue.QueueClient
}

// Dequeue handles at most one message and reports whether there was one.
func (r *Runner) Dequeue(ctx context.Context, timeout time.Duration, handle handlerFunc) (bool, error) {
	lease := int32((timeout + margin) / time.Minute)
	resp, err := r.Queue.DequeueMessage(ctx, &azqueue.DequeueMessageOptions{VisibilityTimeout: to.Ptr(lease)})
	if err != nil {
		return false, fmt.Errorf("dequeue: %w", err)
	}
	if len(resp.Messages) == 0 {
		return false, nil
	}
	m := resp.Messages[0]
	work, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	if err := handle(work, *m.MessageID, []byte(*m.MessageText)); err != nil {
		return true, fmt.Errorf("message %s, delivery %d: %w", *m.MessageID, *m.DequeueCount, err)
	}
	if _, err := r.Queue.DeleteMessage(context.WithoutCancel(ctx), *m.MessageID, *m.PopReceipt, nil); err != nil {
		return true, fmt.Errorf("delete %s: %w", *m.MessageID, err)
	}
	return true, nil
}

// Printer renders statements.
type Printer struct {
	Service string
	HTTP    *http.Client
	Out     *azblob.Client
}

// Run prints until the context is done.
func (p *Printer) Run(ctx context.Context, q *azqueue.QueueClient) {
	r := &Runner{Queue: q}
	for ctx.Err() == nil {
		found, err := r.Dequeue(ctx, handlerTimeout, p.render)
		if err != nil {
			slog.Error("statement", "err", err)
		}
		if !found {
			select {
			case <-ctx.Done():
			case <-time.After(3 * time.Second):
			}
		}
	}
}

func (p *Printer) render(ctx context.Context, id string, body []byte) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodPut, p.Service+"/statements/"+id, bytes.NewReader(body))
	if err != nil {
		return err
	}
	resp, err := p.HTTP.Do(req) // want `can outlast the lease.*\(visibility\)`
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	if resp.StatusCode >= 300 {
		return fmt.Errorf("print service: %s", resp.Status)
	}
	pdf, err := io.ReadAll(resp.Body)
	if err != nil {
		return err
	}
	_, err = p.Out.UploadBuffer(ctx, "statements", id+".pdf", pdf, nil)
	return err
}
