// Package swallowed hands messages to handlers by kind; one of the handlers logs the
// failure of its store and reports success.
package swallowed

import (
	"context"
	"fmt"
	"log"

	"cloud.google.com/go/pubsub"

	"github.com/idemlint/idemlint/testdata/queues/pubsub/swallowed/store"
)

type handler func(context.Context, *pubsub.Message) error

type Router struct {
	members  *store.Members
	handlers map[string]handler
}

func NewRouter(members *store.Members) *Router {
	r := &Router{members: members}
	r.handlers = map[string]handler{"joined": r.joined, "left": r.left}
	return r
}

func (r *Router) Receive(ctx context.Context, m *pubsub.Message) {
	h := r.handlers[m.Attributes["kind"]]
	if h == nil {
		log.Printf("no handler for %q", m.Attributes["kind"])
		m.Ack()
		return
	}
	if err := h(ctx, m); err != nil {
		log.Print(err)
		m.Nack()
		return
	}
	m.Ack() // want `settled although the work failed.*\(deleteonerror\)`
}

func (r *Router) joined(ctx context.Context, m *pubsub.Message) error {
	if err := r.members.Add(ctx, m.Attributes["member"], m.Data); err != nil {
		return fmt.Errorf("adding %s: %w", m.Attributes["member"], err)
	}
	return nil
}

func (r *Router) left(ctx context.Context, m *pubsub.Message) error {
	if err := r.members.Archive(ctx, m.Attributes["member"], m.Data); err != nil {
		log.Printf("archiving %s: %v", m.Attributes["member"], err)
	}
	return nil
}
