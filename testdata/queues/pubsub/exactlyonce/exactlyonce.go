// Package exactlyonce asks for the result of its Ack and takes the event again where it
// was not accepted: right.
package exactlyonce

import (
	"context"
	"encoding/json"
	"errors"
	"log"

	"cloud.google.com/go/firestore"
	"cloud.google.com/go/pubsub/v2"
)

type shipment struct {
	ID     string
	Status string
}

func Watch(ctx context.Context, sub *pubsub.Subscriber, shipments *firestore.CollectionRef) error {
	return sub.Receive(ctx, func(ctx context.Context, msg *pubsub.Message) {
		var s shipment
		if err := json.Unmarshal(msg.Data, &s); err != nil {
			log.Printf("dropping %s: %v", msg.ID, err)
			msg.Ack()
			return
		}
		if _, err := shipments.Doc(s.ID+"-"+s.Status).Set(ctx, s); err != nil {
			msg.Nack()
			return
		}
		status, err := msg.AckWithResult().Get(ctx)
		switch {
		case err != nil:
			log.Printf("ack of %s: %v", msg.ID, err)
		case status != pubsub.AcknowledgeStatusSuccess:
			log.Print(errors.New("ack not accepted: " + msg.ID))
		}
	})
}
