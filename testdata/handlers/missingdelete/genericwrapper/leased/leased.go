// Package leased receives typed messages and settles them for their handlers.
package leased

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/storage/azqueue/v2"
)

// Item is a decoded message.
type Item[T any] struct {
	ID      string
	Tries   int64
	Payload T
}

// Handler works on one item; nil means done.
type Handler[T any] func(ctx context.Context, item Item[T]) error

// Source yields items of one queue.
type Source[T any] struct {
	Client   *azqueue.QueueClient
	MaxTries int64
	Bury     func(ctx context.Context, raw string) error
}

// Each receives until the context ends or receiving fails.
func (s *Source[T]) Each(ctx context.Context, handle Handler[T]) error {
	for {
		resp, err := s.Client.DequeueMessage(ctx, nil)
		if err != nil {
			return fmt.Errorf("leased: %w", err)
		}
		if len(resp.Messages) == 0 {
			select {
			case <-ctx.Done():
				return ctx.Err()
			case <-time.After(time.Second):
				continue
			}
		}
		if err := s.one(ctx, resp.Messages[0], handle); err != nil {
			return err
		}
	}
}

func (s *Source[T]) one(ctx context.Context, m *azqueue.DequeuedMessage, handle Handler[T]) error {
	item := Item[T]{ID: *m.MessageID, Tries: *m.DequeueCount}
	err := json.Unmarshal([]byte(*m.MessageText), &item.Payload)
	if err == nil {
		err = handle(ctx, item)
	}
	if err != nil {
		if item.Tries < s.MaxTries {
			return nil // not settled: it comes back when its lease ends
		}
		if err := s.Bury(ctx, *m.MessageText); err != nil {
			return nil
		}
	}
	_, err = s.Client.DeleteMessage(ctx, *m.MessageID, *m.PopReceipt, nil)
	return err
}
