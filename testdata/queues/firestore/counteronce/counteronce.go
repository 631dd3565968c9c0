// Package counteronce adds each view once: the message's id is created in the same
// transaction as the increment. Right.
package counteronce

import (
	"context"
	"log"

	"cloud.google.com/go/firestore"
	"cloud.google.com/go/pubsub"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

type Views struct{ db *firestore.Client }

func (v *Views) Receive(ctx context.Context, m *pubsub.Message) {
	page := v.db.Collection("pages").Doc(m.Attributes["page"])
	seen := v.db.Collection("seen").Doc(m.ID)
	err := v.db.RunTransaction(ctx, func(ctx context.Context, tx *firestore.Transaction) error {
		if err := tx.Create(seen, map[string]any{"page": m.Attributes["page"]}); err != nil {
			return err
		}
		return tx.Update(page, []firestore.Update{{Path: "views", Value: firestore.Increment(1)}})
	})
	if status.Code(err) == codes.AlreadyExists {
		err = nil
	}
	if err != nil {
		log.Print(err)
		m.Nack()
		return
	}
	m.Ack()
}
