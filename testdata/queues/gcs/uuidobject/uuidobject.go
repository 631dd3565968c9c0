// Package uuidobject keeps each upload under a new random name.
package uuidobject

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"log"

	"cloud.google.com/go/pubsub/v2"
	"cloud.google.com/go/storage"
	"github.com/google/uuid"
)

type Archive struct {
	client *storage.Client
	bucket string
}

func (a *Archive) Handle(ctx context.Context, msg *pubsub.Message) {
	if err := a.keep(ctx, msg.Data); err != nil {
		log.Print(err)
		msg.Nack()
		return
	}
	msg.Ack()
}

func (a *Archive) keep(ctx context.Context, body []byte) error {
	name := fmt.Sprintf("incoming/%s.bin", uuid.New())
	w := a.client.Bucket(a.bucket).Object(name).NewWriter(ctx)
	if _, err := io.Copy(w, bytes.NewReader(body)); err != nil {
		return err
	}
	return w.Close() // want `the key of what .* makes changes with each attempt.*\(freshkey\)`
}
