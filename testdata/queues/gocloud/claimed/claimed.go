// Package claimed draws a download token once: the write is create-only, and what another
// delivery drew is taken as it is. Right.
package claimed

import (
	"context"
	"crypto/rand"
	"log"

	"gocloud.dev/blob"
	"gocloud.dev/gcerrors"
	"gocloud.dev/pubsub"
)

func Tokens(ctx context.Context, sub *pubsub.Subscription, bucket *blob.Bucket) error {
	for {
		m, err := sub.Receive(ctx)
		if err != nil {
			return err
		}
		err = bucket.WriteAll(ctx, "tokens/"+string(m.Body), []byte(rand.Text()), &blob.WriterOptions{IfNotExist: true})
		if err != nil && gcerrors.Code(err) != gcerrors.FailedPrecondition {
			log.Print(err)
			m.Nack()
			continue
		}
		m.Ack()
	}
}
