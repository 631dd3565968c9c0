// Package contextless forwards reports through interfaces that take no context.
package contextless

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/storage/azqueue/v2"
)

type forwarder interface {
	Forward(id, report string) error
}

type handler interface {
	Handle(message azqueue.DequeuedMessage) error
}

type httpForwarder struct{ endpoint string }

func (f httpForwarder) Forward(id, report string) error {
	req, err := http.NewRequest(http.MethodPut, f.endpoint+"/"+id, strings.NewReader(report))
	if err != nil {
		return err
	}
	resp, err := http.DefaultClient.Do(req) // want `wait without a bound.*\(visibility\)`
	if err != nil {
		return fmt.Errorf("forward %s: %w", id, err)
	}
	return resp.Body.Close()
}

type reportHandler struct{ usecase forwarder }

func (h reportHandler) Handle(message azqueue.DequeuedMessage) error {
	return h.usecase.Forward(*message.MessageID, *message.MessageText)
}

// Listener polls one queue.
type Listener struct {
	queue   *azqueue.QueueClient
	handler handler
}

// NewListener returns a Listener that forwards to an endpoint.
func NewListener(queue *azqueue.QueueClient, endpoint string) *Listener {
	return &Listener{queue: queue, handler: reportHandler{usecase: httpForwarder{endpoint: endpoint}}}
}

// Listen runs until the context ends.
func (l *Listener) Listen(ctx context.Context) {
	for ctx.Err() == nil {
		resp, err := l.queue.DequeueMessage(ctx, nil)
		if err != nil || len(resp.Messages) == 0 {
			time.Sleep(time.Second)
			continue
		}
		message := resp.Messages[0]
		if err := l.handler.Handle(*message); err != nil {
			slog.Error("report", "id", *message.MessageID, "err", err)
			continue
		}
		if _, err := l.queue.DeleteMessage(ctx, *message.MessageID, *message.PopReceipt, nil); err != nil {
			slog.Error("delete", "id", *message.MessageID, "err", err)
		}
	}
}
