// Package freshdoc stores each comment under a new random name: a comment that is
// delivered twice is there twice.
package freshdoc

import (
	"context"
	"encoding/json"
	"log"

	"cloud.google.com/go/firestore"
	"cloud.google.com/go/pubsub"
	"github.com/google/uuid"
)

type comment struct {
	Article string
	Text    string
}

type Comments struct{ db *firestore.Client }

func (c *Comments) Receive(ctx context.Context, m *pubsub.Message) {
	var in comment
	if err := json.Unmarshal(m.Data, &in); err != nil {
		log.Print(err)
		m.Ack()
		return
	}
	if err := c.insert(ctx, in); err != nil {
		log.Print(err)
		m.Nack()
		return
	}
	m.Ack()
}

func (c *Comments) insert(ctx context.Context, in comment) error {
	doc := c.db.Collection("articles").Doc(in.Article).Collection("comments").Doc(uuid.NewString())
	_, err := doc.Set(ctx, in) // want `the key of what .* makes changes with each attempt.*\(freshkey\)`
	return err
}
