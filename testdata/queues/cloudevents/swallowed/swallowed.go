// Package swallowed returns nil though the audit entry was not written.
package swallowed

import (
	"context"
	"log"

	"cloud.google.com/go/firestore"
	cloudevents "github.com/cloudevents/sdk-go/v2"
)

type Audit struct{ entries *firestore.CollectionRef }

func (a *Audit) Run(ctx context.Context, c cloudevents.Client) error {
	return c.StartReceiver(ctx, a.receive)
}

func (a *Audit) receive(ctx context.Context, e cloudevents.Event) error {
	_, err := a.entries.Doc(e.ID()).Set(ctx, map[string]any{"type": e.Type(), "data": e.Data()})
	if err != nil {
		log.Printf("audit of %s: %v", e.ID(), err)
	}
	return nil // want `settled although the work failed.*\(deleteonerror\)`
}
