// Package tickets hands tickets to the gate system, which is often busy.
package tickets

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/to"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azqueue/v2"
)

const (
	tries      = 5
	tryTimeout = 20 * time.Second
	backoff    = 2 * time.Second
)

type gate struct {
	url    string
	client http.Client
}

// Run delivers until the context ends.
func Run(ctx context.Context, q *azqueue.QueueClient, gateURL string) {
	g := &gate{url: gateURL, client: http.Client{Timeout: tryTimeout}}
	for ctx.Err() == nil {
		d, err := q.DequeueMessages(ctx, &azqueue.DequeueMessagesOptions{VisibilityTimeout: to.Ptr(int32(60))})
		if err != nil {
			slog.Error("tickets", "err", err)
			return
		}
		for _, m := range d.Messages {
			if err := g.deliver(ctx, *m.MessageID, *m.MessageText); err != nil {
				slog.Error("ticket", "id", *m.MessageID, "delivery", *m.DequeueCount, "err", err)
				continue
			}
			if _, err := q.DeleteMessage(ctx, *m.MessageID, *m.PopReceipt, nil); err != nil {
				slog.Error("delete", "id", *m.MessageID, "err", err)
			}
		}
	}
}

func (g *gate) deliver(ctx context.Context, id, ticket string) error {
	var last error
	for i := 0; i < tries; i++ {
		if i > 0 {
			time.Sleep(backoff)
		}
		req, err := http.NewRequestWithContext(ctx, http.MethodPut, g.url+"/tickets/"+id, strings.NewReader(ticket))
		if err != nil {
			return err
		}
		resp, err := g.client.Do(req) // want `can outlast the lease.*\(visibility\)`
		if err != nil {
			last = err
			continue
		}
		_, _ = io.Copy(io.Discard, resp.Body)
		resp.Body.Close()
		if resp.StatusCode < 300 {
			return nil
		}
		last = errors.New(resp.Status)
	}
	return last
}
