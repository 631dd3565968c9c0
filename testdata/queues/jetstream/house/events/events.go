// Package events is how this house consumes streams: handlers are registered by subject,
// and what they return settles.
package events

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/nats-io/nats.go/jetstream"
)

// ErrPermanent marks what no repetition mends.
var ErrPermanent = errors.New("permanent")

type Handler func(ctx context.Context, data []byte) error

type Router struct{ handlers map[string]Handler }

func NewRouter() *Router { return &Router{handlers: map[string]Handler{}} }

func (r *Router) On(subject string, h Handler) { r.handlers[subject] = h }

func (r *Router) Run(ctx context.Context, c jetstream.Consumer) error {
	it, err := c.Messages(jetstream.PullMaxMessages(16))
	if err != nil {
		return err
	}
	defer it.Stop()
	for {
		m, err := it.Next()
		if errors.Is(err, jetstream.ErrMsgIteratorClosed) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("next: %w", err)
		}
		r.dispatch(ctx, m)
	}
}

func (r *Router) dispatch(ctx context.Context, m jetstream.Msg) {
	h, ok := r.handlers[m.Subject()]
	if !ok {
		settle(m.Term())
		return
	}
	err := h(ctx, m.Data())
	switch {
	case err == nil:
		settle(m.Ack())
	case errors.Is(err, ErrPermanent):
		slog.Error("set aside", "subject", m.Subject(), "err", err)
		settle(m.TermWithReason(err.Error()))
	default:
		slog.Warn("again", "subject", m.Subject(), "err", err)
		settle(m.NakWithDelay(15 * time.Second))
	}
}

func settle(err error) {
	if err != nil {
		slog.Error("settle", "err", err)
	}
}
