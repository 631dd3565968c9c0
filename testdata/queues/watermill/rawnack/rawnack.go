// Package rawnack reads a subscriber's channel and nacks what failed: right.
package rawnack

import (
	"context"
	"log"

	"github.com/ThreeDotsLabs/watermill/message"
	"gocloud.dev/blob"
)

// Copy keeps every message of a topic in a bucket.
func Copy(ctx context.Context, sub message.Subscriber, topic string, bucket *blob.Bucket) error {
	messages, err := sub.Subscribe(ctx, topic)
	if err != nil {
		return err
	}
	for {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case msg, ok := <-messages:
			if !ok {
				return nil
			}
			if err := bucket.WriteAll(ctx, topic+"/"+msg.UUID, msg.Payload, nil); err != nil {
				log.Print(err)
				msg.Nack()
				continue
			}
			msg.Ack()
		}
	}
}
