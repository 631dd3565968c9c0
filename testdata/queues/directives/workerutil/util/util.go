// Package util runs workers over records of any type that some store brings.
package util

import "context"

// Handler works on records of one type; without an error the record is done.
type Handler[T any] interface {
	//idemlint:handler lease=1m
	Handle(ctx context.Context, record T) error
}

// Store brings records.
type Store[T any] interface {
	//idemlint:receive lease=1m
	Dequeue(ctx context.Context) (T, bool, error)
	//idemlint:settle
	MarkComplete(ctx context.Context, record T) error
	//idemlint:nack
	MarkErrored(ctx context.Context, record T, why string) error
}

// Worker has both.
type Worker[T any] struct {
	store   Store[T]
	handler Handler[T]
}

// NewWorker makes one.
func NewWorker[T any](s Store[T], h Handler[T]) *Worker[T] { return &Worker[T]{s, h} }

// Run works until there is nothing left.
func (w *Worker[T]) Run(ctx context.Context) error {
	for {
		record, ok, err := w.store.Dequeue(ctx)
		if err != nil || !ok {
			return err
		}
		if err := w.handler.Handle(ctx, record); err != nil {
			if err := w.store.MarkErrored(ctx, record, err.Error()); err != nil {
				return err
			}
			continue
		}
		if err := w.store.MarkComplete(ctx, record); err != nil {
			return err
		}
	}
}
