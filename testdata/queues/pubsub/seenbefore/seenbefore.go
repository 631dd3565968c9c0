// Package seenbefore books a payment under the message's id with Create and takes its own
// earlier success for what it is: right.
package seenbefore

import (
	"context"
	"encoding/json"
	"log"

	"cloud.google.com/go/firestore"
	"cloud.google.com/go/pubsub"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

type payment struct {
	Account string
	Cents   int64
}

func Book(ctx context.Context, payments *firestore.CollectionRef, m *pubsub.Message) {
	var p payment
	if err := json.Unmarshal(m.Data, &p); err != nil {
		log.Print(err)
		m.Ack()
		return
	}
	_, err := payments.Doc(m.ID).Create(ctx, p)
	if status.Code(err) == codes.AlreadyExists {
		m.Ack()
		return
	}
	if err != nil {
		log.Print(err)
		m.Nack()
		return
	}
	m.Ack()
}
