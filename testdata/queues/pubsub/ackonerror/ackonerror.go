// Package ackonerror acknowledges what it could not forward, so as not to see it again.
package ackonerror

import (
	"context"
	"log"

	"cloud.google.com/go/pubsub"
)

// Bridge copies messages from a subscription to a topic of another project.
type Bridge struct {
	From *pubsub.Subscription
	To   *pubsub.Topic
}

func (b *Bridge) Serve(ctx context.Context) error {
	return b.From.Receive(ctx, func(ctx context.Context, in *pubsub.Message) {
		out := &pubsub.Message{Data: in.Data, Attributes: map[string]string{"origin": in.ID}}
		if _, err := b.To.Publish(ctx, out).Get(ctx); err != nil {
			log.Printf("forwarding %s: %v", in.ID, err)
			in.Ack() // want `settled although the work failed.*\(deleteonerror\)`
			return
		}
		in.Ack()
	})
}
