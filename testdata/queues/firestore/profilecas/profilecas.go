// Package profilecas updates one field only where the document is as it was read: right.
package profilecas

import (
	"context"
	"log"

	"cloud.google.com/go/firestore"
	"cloud.google.com/go/pubsub"
)

type member struct {
	Roles []string `firestore:"roles"`
}

func Grant(members *firestore.CollectionRef) func(context.Context, *pubsub.Message) {
	return func(ctx context.Context, m *pubsub.Message) {
		if err := grant(ctx, members.Doc(m.Attributes["member"]), m.Attributes["role"]); err != nil {
			log.Print(err)
			m.Nack()
			return
		}
		m.Ack()
	}
}

func grant(ctx context.Context, doc *firestore.DocumentRef, role string) error {
	snap, err := doc.Get(ctx)
	if err != nil {
		return err
	}
	var m member
	if err := snap.DataTo(&m); err != nil {
		return err
	}
	for _, r := range m.Roles {
		if r == role {
			return nil
		}
	}
	_, err = doc.Update(ctx,
		[]firestore.Update{{Path: "roles", Value: append(m.Roles, role)}},
		firestore.LastUpdateTime(snap.UpdateTime))
	return err
}
