// Package newdoc asks for a new name at each attempt.
package newdoc

import (
	"context"
	"log"
	"time"

	"cloud.google.com/go/firestore"
	"cloud.google.com/go/pubsub/v2"
)

type visit struct {
	Guest   string    `firestore:"guest"`
	Arrived time.Time `firestore:"arrived"`
}

func Arrivals(ctx context.Context, sub *pubsub.Subscriber, visits *firestore.CollectionRef) error {
	return sub.Receive(ctx, func(ctx context.Context, m *pubsub.Message) {
		ref := visits.NewDoc()
		if _, err := ref.Create(ctx, visit{Guest: string(m.Data), Arrived: m.PublishTime}); err != nil { // want `the key of what .* makes changes with each attempt.*\(freshkey\)`
			log.Print(err)
			m.Nack()
			return
		}
		m.Ack()
	})
}
