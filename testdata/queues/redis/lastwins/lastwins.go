// Package lastwins keeps "the newest" news under one key: an old one that comes again
// replaces a newer one.
package lastwins

import (
	"context"

	"github.com/go-redis/redis/v8"
	amqp "github.com/rabbitmq/amqp091-go"
)

func News(ctx context.Context, in <-chan amqp.Delivery, rdb *redis.Client) {
	for d := range in {
		if err := rdb.Set(ctx, "news:latest", d.Body, 0).Err(); err != nil { // want `key that several messages share.*\(blobwrite\)`
			d.Nack(false, true)
			continue
		}
		d.Ack(false)
	}
}
