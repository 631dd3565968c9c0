// Package router sends domain events to handlers by a table of function values.
//
// Right: handlers only report what is to become of the message, as a function; settling is left to the functions
// done and later, and later does nothing on purpose.
package router

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"

	"github.com/Azure/azure-sdk-for-go/sdk/data/aztables"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azqueue/v2"
)

type (
	settle  func(ctx context.Context, m *azqueue.DequeuedMessage) error
	handler func(ctx context.Context, id string, data json.RawMessage) settle
)

// Router has a table of handlers.
type Router struct {
	queue  *azqueue.QueueClient
	poison *azqueue.QueueClient
	rows   *aztables.Client
	routes map[string]handler
}

// New fills the table.
func New(queue, poison *azqueue.QueueClient, rows *aztables.Client) *Router {
	r := &Router{queue: queue, poison: poison, rows: rows}
	r.routes = map[string]handler{
		"paid":     r.into("payments"),
		"refunded": r.into("refunds"),
		"ping":     func(context.Context, string, json.RawMessage) settle { return r.done },
	}
	return r
}

// Route routes one event.
func (r *Router) Route(ctx context.Context) error {
	resp, err := r.queue.DequeueMessage(ctx, nil)
	if err != nil {
		return err
	}
	for _, m := range resp.Messages {
		var ev struct {
			Kind string          `json:"kind"`
			Data json.RawMessage `json:"data"`
		}
		end := r.bury
		if err := json.Unmarshal([]byte(*m.MessageText), &ev); err == nil {
			if handle, ok := r.routes[ev.Kind]; ok {
				end = handle(ctx, *m.MessageID, ev.Data)
			}
		}
		if err := end(ctx, m); err != nil {
			return fmt.Errorf("event %s: %w", *m.MessageID, err)
		}
	}
	return nil
}

func (r *Router) into(partition string) handler {
	return func(ctx context.Context, id string, data json.RawMessage) settle {
		raw, err := json.Marshal(map[string]string{"PartitionKey": partition, "RowKey": id, "Data": string(data)})
		if err == nil {
			_, err = r.rows.UpsertEntity(ctx, raw, nil)
		}
		if err != nil {
			slog.Error("row", "partition", partition, "id", id, "err", err)
			return r.later
		}
		return r.done
	}
}

func (r *Router) done(ctx context.Context, m *azqueue.DequeuedMessage) error {
	_, err := r.queue.DeleteMessage(ctx, *m.MessageID, *m.PopReceipt, nil)
	return err
}

func (r *Router) later(ctx context.Context, m *azqueue.DequeuedMessage) error {
	if *m.DequeueCount > 5 {
		return r.bury(ctx, m)
	}
	return nil
}

func (r *Router) bury(ctx context.Context, m *azqueue.DequeuedMessage) error {
	if _, err := r.poison.EnqueueMessage(ctx, *m.MessageText, nil); err != nil {
		return err
	}
	return r.done(ctx, m)
}
