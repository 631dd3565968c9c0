// Package bus is the house's own way to consume queues.
package bus

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/to"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azqueue/v2"
)

// Message carries what settles it.
type Message struct {
	ID      string
	Attempt int64
	Body    []byte

	Ack  func(ctx context.Context) error
	Nack func(ctx context.Context, delay time.Duration) error
	Bury func(ctx context.Context, reason string) error
}

// Handler handles a message.
type Handler func(ctx context.Context, m *Message) error

// Middleware decorates a Handler.
type Middleware func(Handler) Handler

// Permanent marks an error that no further attempt will cure.
func Permanent(err error) error { return &permanent{err} }

type permanent struct{ error }

func (p *permanent) Unwrap() error { return p.error }

// Settle settles by the handler's error.
func Settle(next Handler) Handler {
	return func(ctx context.Context, m *Message) error {
		err := next(ctx, m)
		sctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
		defer cancel()
		var p *permanent
		switch {
		case err == nil:
			return m.Ack(sctx)
		case errors.As(err, &p):
			return errors.Join(err, m.Bury(sctx, p.Error()))
		default:
			delay := time.Duration(m.Attempt*m.Attempt) * time.Minute
			return errors.Join(err, m.Nack(sctx, delay))
		}
	}
}

// Log logs.
func Log(log *slog.Logger) Middleware {
	return func(next Handler) Handler {
		return func(ctx context.Context, m *Message) error {
			start := time.Now()
			err := next(ctx, m)
			if err != nil {
				log.ErrorContext(ctx, "failed", "message", m.ID, "attempt", m.Attempt, "took", time.Since(start), "err", err)
				return err
			}
			log.InfoContext(ctx, "handled", "message", m.ID, "took", time.Since(start))
			return nil
		}
	}
}

// Chain puts the first middleware outermost.
func Chain(h Handler, ms ...Middleware) Handler {
	for i := range ms {
		h = ms[len(ms)-1-i](h)
	}
	return h
}

// Consumer reads one queue.
type Consumer struct {
	Queue, Dead *azqueue.QueueClient
	Poll        time.Duration
}

// Consume ends with the context.
func (c *Consumer) Consume(ctx context.Context, h Handler) error {
	for {
		resp, err := c.Queue.DequeueMessages(ctx, &azqueue.DequeueMessagesOptions{
			NumberOfMessages:  to.Ptr(int32(16)),
			VisibilityTimeout: to.Ptr(int32(240)),
		})
		if err != nil && ctx.Err() == nil {
			slog.Error("consume", "err", err)
		}
		for _, raw := range resp.Messages {
			if err := h(ctx, c.wrap(raw)); err != nil {
				slog.Debug("consume", "message", *raw.MessageID, "err", err)
			}
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(c.Poll):
		}
	}
}

func (c *Consumer) wrap(raw *azqueue.DequeuedMessage) *Message {
	id, receipt, text := *raw.MessageID, *raw.PopReceipt, *raw.MessageText
	ack := func(ctx context.Context) error {
		if _, err := c.Queue.DeleteMessage(ctx, id, receipt, nil); err != nil {
			return fmt.Errorf("ack %s: %w", id, err)
		}
		return nil
	}
	return &Message{
		ID:      id,
		Attempt: *raw.DequeueCount,
		Body:    []byte(text),
		Ack:     ack,
		Nack: func(ctx context.Context, delay time.Duration) error {
			_, err := c.Queue.UpdateMessage(ctx, id, receipt, text, &azqueue.UpdateMessageOptions{
				VisibilityTimeout: to.Ptr(int32(delay.Seconds())),
			})
			return err
		},
		Bury: func(ctx context.Context, reason string) error {
			slog.Warn("buried", "message", id, "reason", reason)
			if _, err := c.Dead.EnqueueMessage(ctx, text, nil); err != nil {
				return err
			}
			return ack(ctx)
		},
	}
}
