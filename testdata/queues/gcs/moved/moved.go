// Package moved copies a finished upload to its place and removes the original: right,
// the second time the source is gone and that is told apart.
package moved

import (
	"context"
	"errors"
	"log"
	"path"

	"cloud.google.com/go/pubsub"
	"cloud.google.com/go/storage"
)

func Settle(ctx context.Context, sub *pubsub.Subscription, client *storage.Client) error {
	return sub.Receive(ctx, func(ctx context.Context, m *pubsub.Message) {
		b := client.Bucket(m.Attributes["bucketId"])
		from := b.Object(m.Attributes["objectId"])
		to := b.Object("done/" + path.Base(m.Attributes["objectId"]))
		_, err := to.CopierFrom(from).Run(ctx)
		if errors.Is(err, storage.ErrObjectNotExist) {
			m.Ack()
			return
		}
		if err == nil {
			err = from.Delete(ctx)
		}
		if err != nil && !errors.Is(err, storage.ErrObjectNotExist) {
			log.Print(err)
			m.Nack()
			return
		}
		m.Ack()
	})
}
