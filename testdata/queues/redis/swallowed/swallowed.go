// Package swallowed acknowledges users that it could not keep: the error of a command is
// in what the command returns.
package swallowed

import (
	"context"
	"encoding/json"
	"log"

	"github.com/redis/go-redis/v9"
	"github.com/streadway/amqp"
)

type user struct{ ID, Name string }

func Users(ctx context.Context, in <-chan amqp.Delivery, rdb *redis.Client) {
	for d := range in {
		var u user
		if err := json.Unmarshal(d.Body, &u); err != nil {
			d.Reject(false)
			continue
		}
		if err := rdb.Set(ctx, "user:"+u.ID, u.Name, 0).Err(); err != nil {
			log.Printf("user %s: %v", u.ID, err)
		}
		d.Ack(false) // want `settled although the work failed.*\(deleteonerror\)`
	}
}
