// Package counter adds each page view to a number: a view that is delivered twice counts
// twice.
package counter

import (
	"context"
	"log"

	"cloud.google.com/go/firestore"
	"cloud.google.com/go/pubsub"
)

type Views struct{ pages *firestore.CollectionRef }

func (v *Views) Receive(ctx context.Context, m *pubsub.Message) {
	page := v.pages.Doc(m.Attributes["page"])
	_, err := page.Update(ctx, []firestore.Update{{Path: "views", Value: firestore.Increment(1)}}) // want `.*\(increment\)`
	if err != nil {
		log.Print(err)
		m.Nack()
		return
	}
	m.Ack()
}
