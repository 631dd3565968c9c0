// Package rawloop reads a subscriber's channel without a router and acks in the arm of the
// error, too.
package rawloop

import (
	"context"
	"fmt"
	"log"

	"github.com/ThreeDotsLabs/watermill/message"
	"gocloud.dev/blob"
)

type Sink struct {
	sub    message.Subscriber
	bucket *blob.Bucket
}

func (s *Sink) Run(ctx context.Context) error {
	messages, err := s.sub.Subscribe(ctx, "invoices")
	if err != nil {
		return fmt.Errorf("subscribing: %w", err)
	}
	for msg := range messages {
		if err := s.bucket.WriteAll(ctx, "invoices/"+msg.UUID, msg.Payload, nil); err != nil {
			log.Printf("invoice %s: %v", msg.UUID, err)
			msg.Ack() // want `settled although the work failed.*\(deleteonerror\)`
			continue
		}
		msg.Ack()
	}
	return nil
}
