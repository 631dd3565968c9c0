// Package okgeneric has one loop for all queues: it works, then settles, and gives back
// what failed. What it calls is given to it.
package okgeneric

import (
	"context"
	"errors"
)

// Source brings values.
type Source[T any] interface {
	//idemlint:receive lease=1m
	Next(ctx context.Context) (T, error)
	//idemlint:settle
	Done(ctx context.Context, item T) error
	//idemlint:nack
	Back(ctx context.Context, item T, why error) error
}

// Loop works until the context ends.
func Loop[T any](ctx context.Context, s Source[T], work func(ctx context.Context, item T) error) error {
	for {
		item, err := s.Next(ctx)
		if errors.Is(err, context.Canceled) {
			return nil
		}
		if err != nil {
			return err
		}
		if err := work(ctx, item); err != nil {
			if err := s.Back(ctx, item, err); err != nil {
				return err
			}
			continue
		}
		if err := s.Done(ctx, item); err != nil {
			return err
		}
	}
}

// Page is what comes.
type Page struct{ URL, Text string }

// Index keeps texts.
type Index interface {
	//idemlint:write key=1 value=2
	Put(ctx context.Context, url, text string) error
}

// Run indexes pages.
func Run(ctx context.Context, pages Source[Page], index Index) error {
	return Loop(ctx, pages, func(ctx context.Context, p Page) error {
		if p.URL == "" {
			return nil
		}
		return index.Put(ctx, p.URL, p.Text)
	})
}
