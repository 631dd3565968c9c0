// Package additem lets the service name each new document: a delivery that comes twice
// makes two.
package additem

import (
	"context"
	"encoding/json"
	"log"

	"cloud.google.com/go/firestore"
	"cloud.google.com/go/pubsub"
)

type item struct {
	List string
	Text string
}

type Lists struct{ db *firestore.Client }

func (l *Lists) Receive(ctx context.Context, m *pubsub.Message) {
	var it item
	if err := json.Unmarshal(m.Data, &it); err != nil {
		log.Print(err)
		m.Ack()
		return
	}
	_, _, err := l.db.Collection("lists").Doc(it.List).Collection("items").Add(ctx, it) // want `applies a change to what is there.*\(increment\)`
	if err != nil {
		log.Print(err)
		m.Nack()
		return
	}
	m.Ack()
}
