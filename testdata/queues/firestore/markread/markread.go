// Package markread looks for the message's mark in the transaction that adds the points:
// right.
package markread

import (
	"context"
	"log"

	"cloud.google.com/go/datastore"
	"cloud.google.com/go/pubsub"
)

type member struct{ Points int }

type mark struct{ Message string }

type Loyalty struct{ db *datastore.Client }

func (l *Loyalty) Receive(ctx context.Context, m *pubsub.Message) {
	if err := l.add(ctx, m.ID, m.Attributes["member"]); err != nil {
		log.Print(err)
		m.Nack()
		return
	}
	m.Ack()
}

func (l *Loyalty) add(ctx context.Context, id, name string) error {
	_, err := l.db.RunInTransaction(ctx, func(tx *datastore.Transaction) error {
		key := datastore.NameKey("Mark", id, nil)
		var seen mark
		switch err := tx.Get(key, &seen); err {
		case nil:
			return nil
		case datastore.ErrNoSuchEntity:
		default:
			return err
		}
		who := datastore.NameKey("Member", name, nil)
		var m member
		if err := tx.Get(who, &m); err != nil {
			return err
		}
		m.Points += 10
		if _, err := tx.Put(who, &m); err != nil {
			return err
		}
		_, err := tx.Put(key, &mark{Message: id})
		return err
	})
	return err
}
