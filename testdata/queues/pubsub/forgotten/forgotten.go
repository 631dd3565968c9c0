// Package forgotten settles every kind of event but the trial ones, which it stores and
// leaves: they come again when the client gives up extending.
package forgotten

import (
	"context"
	"encoding/json"
	"log"

	"cloud.google.com/go/datastore"
	"cloud.google.com/go/pubsub"
)

type event struct {
	Account string
	Plan    string
	Trial   bool
}

type plan struct{ Name string }

func handle(db *datastore.Client) func(context.Context, *pubsub.Message) {
	return func(ctx context.Context, m *pubsub.Message) {
		var e event
		if err := json.Unmarshal(m.Data, &e); err != nil {
			log.Print(err)
			m.Ack()
			return
		}
		kind := "Plan"
		if e.Trial {
			kind = "TrialPlan"
		}
		if _, err := db.Put(ctx, datastore.NameKey(kind, e.Account, nil), &plan{Name: e.Plan}); err != nil {
			log.Print(err)
			m.Nack()
			return
		}
		if e.Trial {
			return // want `the work succeeded but the message stays unsettled.*\(missingdelete\)`
		}
		m.Ack()
	}
}

// Serve receives until the context ends.
func Serve(ctx context.Context, sub *pubsub.Subscription, db *datastore.Client) error {
	return sub.Receive(ctx, handle(db))
}
