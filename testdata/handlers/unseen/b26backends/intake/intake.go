// Package intake takes applications in; what queue and archive are is main's business.
//
// Right: the deferred closure removes what was accepted. A back end for demonstrations removes nothing.
package intake

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"time"
)

// Item is an application in the queue.
type Item struct {
	ID      string
	Token   any // the back end's own
	Payload []byte
	Tries   int
}

// Queue is where applications come from.
type Queue interface {
	Next(ctx context.Context) (*Item, error) // nil if there is none
	Remove(ctx context.Context, it *Item) error
}

// Archive is where they go.
type Archive interface {
	Store(ctx context.Context, name string, payload []byte) error
}

// Service takes in.
type Service struct {
	queue   Queue
	archive Archive
}

// New returns a Service.
func New(q Queue, a Archive) *Service { return &Service{counted{Queue: q}, a} }

// counted logs how long removing takes.
type counted struct{ Queue }

func (c counted) Remove(ctx context.Context, it *Item) error {
	defer func(start time.Time) { slog.Debug("remove", "id", it.ID, "took", time.Since(start)) }(time.Now())
	return c.Queue.Remove(ctx, it)
}

// Run ends with the context.
func (s *Service) Run(ctx context.Context) error {
	for {
		it, err := s.queue.Next(ctx)
		if err != nil {
			return err
		}
		if it == nil {
			select {
			case <-ctx.Done():
				return ctx.Err()
			case <-time.After(time.Second):
			}
			continue
		}
		if err := s.take(ctx, it); err != nil {
			slog.Error("application", "id", it.ID, "tries", it.Tries, "err", err)
		}
	}
}

var errIncomplete = errors.New("incomplete application")

func (s *Service) take(ctx context.Context, it *Item) (err error) {
	defer func() {
		if err != nil {
			return
		}
		if rerr := s.queue.Remove(ctx, it); rerr != nil {
			err = fmt.Errorf("remove: %w", rerr)
		}
	}()
	var app map[string]string
	if err := json.Unmarshal(it.Payload, &app); err != nil {
		return err
	}
	for _, field := range []string{"name", "position"} {
		if app[field] == "" {
			return fmt.Errorf("%s: %w", field, errIncomplete)
		}
	}
	if app["withdrawn"] == "yes" {
		return nil
	}
	return s.archive.Store(ctx, app["position"]+"/"+it.ID, it.Payload)
}
