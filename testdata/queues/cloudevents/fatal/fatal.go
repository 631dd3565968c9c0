// Package fatal ends the process where the entry could not be written: nothing is settled,
// the event comes again. Right.
package fatal

import (
	"context"
	"log"

	"cloud.google.com/go/firestore"
	cloudevents "github.com/cloudevents/sdk-go/v2"
)

type Labels struct{ labels *firestore.CollectionRef }

func (l *Labels) Handle(ctx context.Context, e cloudevents.Event) error {
	if _, err := l.labels.Doc(e.Subject()).Set(ctx, map[string]any{"creator": e.Source()}); err != nil {
		log.Fatalf("labelling %s: %v", e.Subject(), err)
	}
	log.Printf("labelled %s", e.Subject())
	return nil
}
