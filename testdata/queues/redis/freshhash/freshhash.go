// Package freshhash files each event under an id that the attempt makes.
package freshhash

import (
	"context"

	"github.com/google/uuid"
	amqp "github.com/rabbitmq/amqp091-go"
	"github.com/redis/go-redis/v9"
)

type Inbox struct{ rdb *redis.Client }

func (i *Inbox) Serve(ctx context.Context, ch *amqp.Channel) error {
	in, err := ch.Consume("events", "inbox", false, false, false, false, nil)
	if err != nil {
		return err
	}
	for d := range in {
		id := uuid.NewString()
		if err := i.rdb.HSet(ctx, "event:"+id, "type", d.Type, "body", d.Body).Err(); err != nil { // want `\(freshkey\)`
			if err := d.Nack(false, true); err != nil {
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
