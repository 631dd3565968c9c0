package pipeline

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"runtime/debug"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/to"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azqueue/v2"
)

// Envelope is a decoded message with its fate.
type Envelope[T any] struct {
	ID       string
	Attempt  int64
	Value    T
	ack      func(ctx context.Context) error
	nack     func(ctx context.Context) error
	decodeOK bool
}

// Handler handles an envelope.
type Handler[T any] func(ctx context.Context, e *Envelope[T]) error

// Middleware wraps a Handler.
type Middleware[T any] func(Handler[T]) Handler[T]

// Chain puts middleware around a Handler, the first outermost.
func Chain[T any](h Handler[T], mw ...Middleware[T]) Handler[T] {
	for i := len(mw) - 1; i >= 0; i-- {
		h = mw[i](h)
	}
	return h
}

// Settle acks what succeeds and nacks what fails.
func Settle[T any](log *slog.Logger) Middleware[T] {
	return func(next Handler[T]) Handler[T] {
		return func(ctx context.Context, e *Envelope[T]) (err error) {
			defer func() {
				settle := e.ack
				if err != nil {
					settle = e.nack
				}
				if serr := settle(ctx); serr != nil {
					log.ErrorContext(ctx, "settle", "message", e.ID, "err", serr)
				}
			}()
			return next(ctx, e)
		}
	}
}

// Recover turns panics into errors.
func Recover[T any]() Middleware[T] {
	return func(next Handler[T]) Handler[T] {
		return func(ctx context.Context, e *Envelope[T]) (err error) {
			defer func() {
				if p := recover(); p != nil {
					err = fmt.Errorf("panic: %v\n%s", p, debug.Stack())
				}
			}()
			return next(ctx, e)
		}
	}
}

// Logged logs failures.
func Logged[T any](log *slog.Logger) Middleware[T] {
	return func(next Handler[T]) Handler[T] {
		return func(ctx context.Context, e *Envelope[T]) error {
			err := next(ctx, e)
			if err != nil {
				log.ErrorContext(ctx, "failed", "message", e.ID, "attempt", e.Attempt, "err", err)
			}
			return err
		}
	}
}

// Source gives envelopes.
type Source[T any] struct {
	queue  *azqueue.QueueClient
	poison *azqueue.QueueClient
	max    int64
}

func (s *Source[T]) pull(ctx context.Context) ([]*Envelope[T], error) {
	resp, err := s.queue.DequeueMessages(ctx, &azqueue.DequeueMessagesOptions{
		NumberOfMessages:  to.Ptr(int32(8)),
		VisibilityTimeout: to.Ptr(int32(60)),
	})
	if err != nil {
		return nil, err
	}
	var list []*Envelope[T]
	for _, m := range resp.Messages {
		e := &Envelope[T]{ID: *m.MessageID, Attempt: *m.DequeueCount}
		e.ack = func(ctx context.Context) error {
			_, err := s.queue.DeleteMessage(ctx, *m.MessageID, *m.PopReceipt, nil)
			return err
		}
		e.nack = func(ctx context.Context) error { return s.giveUp(ctx, m) }
		e.decodeOK = json.Unmarshal([]byte(*m.MessageText), &e.Value) == nil
		list = append(list, e)
	}
	return list, nil
}

// giveUp leaves the message for another attempt, or moves it out of the way.
func (s *Source[T]) giveUp(ctx context.Context, m *azqueue.DequeuedMessage) error {
	if *m.DequeueCount < s.max {
		return nil
	}
	if _, err := s.poison.EnqueueMessage(ctx, *m.MessageText, nil); err != nil {
		return err
	}
	_, err := s.queue.DeleteMessage(ctx, *m.MessageID, *m.PopReceipt, nil)
	return err
}

// Run handles envelopes until the context ends.
func (s *Source[T]) Run(ctx context.Context, h Handler[T]) error {
	for {
		list, err := s.pull(ctx)
		if err != nil {
			return err
		}
		for _, e := range list {
			_ = h(ctx, e) // logged and settled by the chain
		}
	}
}
