// Package bus is how this house consumes queues.
package bus

import (
	"context"
	"log/slog"

	amqp "github.com/rabbitmq/amqp091-go"
)

// Handler works on a body. An error gives the message back once, then sets it aside.
type Handler func(ctx context.Context, body []byte) error

type Bus struct {
	conn     *amqp.Connection
	prefetch int
}

func Dial(url string, prefetch int) (*Bus, error) {
	conn, err := amqp.Dial(url)
	if err != nil {
		return nil, err
	}
	return &Bus{conn, prefetch}, nil
}

// Subscribe works on the queue until the context ends.
func (b *Bus) Subscribe(ctx context.Context, queue string, handle Handler) error {
	ch, err := b.conn.Channel()
	if err != nil {
		return err
	}
	defer ch.Close()
	if err := ch.Qos(b.prefetch, 0, false); err != nil {
		return err
	}
	deliveries, err := ch.ConsumeWithContext(ctx, queue, "", false, false, false, false, nil)
	if err != nil {
		return err
	}
	for d := range deliveries {
		if err := handle(ctx, d.Body); err != nil {
			slog.Error("handler", "queue", queue, "err", err)
			if err := d.Nack(false, !d.Redelivered); err != nil {
				return err
			}
			continue
		}
		if err := d.Ack(false); err != nil {
			return err
		}
	}
	return ctx.Err()
}
