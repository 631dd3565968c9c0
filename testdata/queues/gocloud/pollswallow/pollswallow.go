// Package pollswallow receives in a loop and acknowledges whether or not the article could
// be stored.
package pollswallow

import (
	"context"
	"log"

	"gocloud.dev/blob"
	"gocloud.dev/pubsub"
)

func Loop(ctx context.Context, sub *pubsub.Subscription, bucket *blob.Bucket) error {
	for {
		msg, err := sub.Receive(ctx)
		if err != nil {
			return err
		}
		if err := bucket.WriteAll(ctx, "articles/"+msg.Metadata["slug"]+".html", msg.Body, nil); err != nil {
			log.Printf("storing %s: %v", msg.Metadata["slug"], err)
		}
		msg.Ack() // want `settled although the work failed.*\(deleteonerror\)`
	}
}
