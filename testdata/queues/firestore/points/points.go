// Package points adds in a transaction, which keeps two workers apart but not two
// deliveries of one message.
package points

import (
	"context"
	"log"

	"cloud.google.com/go/datastore"
	"cloud.google.com/go/pubsub/v2"
)

type member struct{ Points int }

func Award(db *datastore.Client) func(context.Context, *pubsub.Message) {
	return func(ctx context.Context, m *pubsub.Message) {
		who := datastore.NameKey("Member", m.Attributes["member"], nil)
		_, err := db.RunInTransaction(ctx, func(tx *datastore.Transaction) error {
			var have member
			if err := tx.Get(who, &have); err != nil {
				return err
			}
			have.Points += 10
			_, err := tx.Put(who, &have) // want `adds to what was read.*\(increment\)`
			return err
		})
		if err != nil {
			log.Print(err)
			m.Nack()
			return
		}
		m.Ack()
	}
}
