// Package eventid announces each order with an event that has a new id at each attempt:
// who keeps the ids seen cannot tell the second one for the same.
package eventid

import (
	"context"
	"encoding/json"
	"log"

	"cloud.google.com/go/pubsub/v2"
	"github.com/google/uuid"
)

type accepted struct {
	EventID string
	Order   string
}

type Announcer struct {
	client *pubsub.Client
}

func (a *Announcer) Listen(ctx context.Context) error {
	topic := a.client.Publisher("orders-accepted")
	defer topic.Stop()
	return a.client.Subscriber("orders-new").Receive(ctx, func(ctx context.Context, m *pubsub.Message) {
		data, err := json.Marshal(accepted{EventID: uuid.NewString(), Order: string(m.Data)})
		if err != nil {
			m.Nack()
			return
		}
		res := topic.Publish(ctx, &pubsub.Message{Data: data}) // want `the identity of what .* makes changes with each attempt.*\(freshkey\)`
		if _, err := res.Get(ctx); err != nil {
			log.Print(err)
			m.Nack()
			return
		}
		m.Ack()
	})
}
