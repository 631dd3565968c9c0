// Package swallowed stores events in a handler of a router; the projection's failure is
// logged and the message acked.
package swallowed

import (
	"encoding/json"
	"log"

	"cloud.google.com/go/firestore"
	"github.com/ThreeDotsLabs/watermill/message"
)

type booked struct {
	Room  string
	Guest string
}

type Projection struct {
	rooms *firestore.CollectionRef
}

func (p *Projection) Register(r *message.Router, sub message.Subscriber) {
	r.AddNoPublisherHandler("rooms", "booked", sub, p.Handle)
}

func (p *Projection) Handle(msg *message.Message) error {
	var b booked
	if err := json.Unmarshal(msg.Payload, &b); err != nil {
		return err
	}
	_, err := p.rooms.Doc(b.Room).Set(msg.Context(), b)
	if err != nil {
		log.Printf("room %s: %v", b.Room, err)
	}
	return nil // want `settled although the work failed.*\(deleteonerror\)`
}
