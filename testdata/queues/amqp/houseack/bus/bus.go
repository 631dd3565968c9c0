// Package bus gives each delivery to its listener and acknowledges it when the listener
// has returned, whatever it returned.
package bus

import (
	"context"
	"log"

	"github.com/streadway/amqp"
)

type Listener interface {
	On(ctx context.Context, body []byte) error
}

type Bus struct{ Channel *amqp.Channel }

func (b *Bus) Listen(ctx context.Context, queue string, l Listener) error {
	deliveries, err := b.Channel.Consume(queue, queue, false, false, false, false, nil)
	if err != nil {
		return err
	}
	for d := range deliveries {
		if err := l.On(ctx, d.Body); err != nil {
			log.Println(queue, err)
		}
		if err := d.Ack(false); err != nil { // want `settled although .* failed.*\(deleteonerror\)`
			log.Println(queue, "ack", err)
		}
	}
	return nil
}
