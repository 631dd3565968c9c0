// Package deferack stores sensor readings; the deferred Ack runs when storing failed, too.
package deferack

import (
	"context"
	"encoding/json"
	"log"
	"time"

	"cloud.google.com/go/firestore"
	"cloud.google.com/go/pubsub"
)

type reading struct {
	Sensor string    `json:"sensor" firestore:"sensor"`
	Value  float64   `json:"value" firestore:"value"`
	Taken  time.Time `json:"taken" firestore:"taken"`
}

// Listen runs until the context ends.
func Listen(ctx context.Context, client *pubsub.Client, store *firestore.Client) error {
	sub := client.Subscription("readings")
	sub.ReceiveSettings.MaxOutstandingMessages = 50
	return sub.Receive(ctx, func(ctx context.Context, msg *pubsub.Message) {
		defer msg.Ack() // want `settled although the work failed.*\(deleteonerror\)`

		var r reading
		if err := json.Unmarshal(msg.Data, &r); err != nil {
			log.Printf("reading %s: %v", msg.ID, err)
			return
		}
		doc := store.Collection("readings").Doc(r.Sensor + "-" + r.Taken.UTC().Format(time.RFC3339Nano))
		if _, err := doc.Set(ctx, r); err != nil {
			log.Printf("storing %s: %v", msg.ID, err)
			return
		}
		log.Printf("stored %s", doc.Path)
	})
}
