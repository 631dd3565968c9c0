// Package nackthenack nacks a failed message and then falls through to the Ack: right all
// the same, the first call wins and the second has no effect.
package nackthenack

import (
	"context"
	"log"

	"cloud.google.com/go/firestore"
	"cloud.google.com/go/pubsub"
)

type audit struct {
	Actor  string
	Action string
}

type Auditor struct {
	trail *firestore.CollectionRef
}

func New(c *firestore.Client) *Auditor { return &Auditor{trail: c.Collection("audit")} }

func (a *Auditor) Consume(ctx context.Context, sub *pubsub.Subscription) error {
	return sub.Receive(ctx, func(ctx context.Context, m *pubsub.Message) {
		if err := a.record(ctx, m); err != nil {
			log.Print(err)
			m.Nack()
		}
		m.Ack()
	})
}

func (a *Auditor) record(ctx context.Context, m *pubsub.Message) error {
	_, err := a.trail.Doc(m.ID).Set(ctx, audit{Actor: m.Attributes["actor"], Action: string(m.Data)})
	return err
}
