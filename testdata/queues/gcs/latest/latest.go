// Package latest publishes each price list under the same name: an old one, delivered
// again late, replaces a newer one.
package latest

import (
	"context"
	"log/slog"

	"cloud.google.com/go/pubsub/v2"
	"cloud.google.com/go/storage"
)

func Publish(ctx context.Context, sub *pubsub.Subscriber, bucket *storage.BucketHandle) error {
	return sub.Receive(ctx, func(ctx context.Context, m *pubsub.Message) {
		w := bucket.Object("prices/latest.json").NewWriter(ctx)
		w.ContentType = "application/json"
		_, err := w.Write(m.Data)
		if err == nil {
			err = w.Close() // want `key that several messages share.*\(blobwrite\)`
		}
		if err != nil {
			slog.Error("price list not published", "err", err)
			m.Nack()
			return
		}
		m.Ack()
	})
}
