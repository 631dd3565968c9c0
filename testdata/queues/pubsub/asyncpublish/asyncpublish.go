// Package asyncpublish acknowledges once Publish returned, which is before anything was
// sent: the error comes with the result, which nobody asks for.
package asyncpublish

import (
	"context"

	"cloud.google.com/go/pubsub"
)

// Relay passes messages on.
func Relay(ctx context.Context, from *pubsub.Subscription, to *pubsub.Topic) error {
	return from.Receive(ctx, func(ctx context.Context, m *pubsub.Message) {
		to.Publish(ctx, &pubsub.Message{Data: m.Data, Attributes: m.Attributes})
		m.Ack() // want `settled while the work is under way elsewhere.*\(earlydelete\)`
	})
}
