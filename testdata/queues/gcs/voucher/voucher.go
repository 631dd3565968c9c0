// Package voucher draws a code once for each message and keeps it: the write is
// create-only, and a second delivery finds what the first one drew. Right.
package voucher

import (
	"context"
	"crypto/rand"
	"errors"
	"log"
	"net/http"

	"cloud.google.com/go/pubsub"
	"cloud.google.com/go/storage"
	"google.golang.org/api/googleapi"
)

type Issuer struct{ vouchers *storage.BucketHandle }

func (i *Issuer) Receive(ctx context.Context, m *pubsub.Message) {
	err := i.issue(ctx, m.ID)
	var refused *googleapi.Error
	if errors.As(err, &refused) && refused.Code == http.StatusPreconditionFailed {
		err = nil // drawn before
	}
	if err != nil {
		log.Print(err)
		m.Nack()
		return
	}
	m.Ack()
}

func (i *Issuer) issue(ctx context.Context, id string) error {
	w := i.vouchers.Object(id).If(storage.Conditions{DoesNotExist: true}).NewWriter(ctx)
	if _, err := w.Write([]byte(rand.Text())); err != nil {
		return err
	}
	return w.Close()
}
