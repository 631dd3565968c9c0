// Package twice looks whether a message was counted, counts it, and notes that it did:
// after a crash between the two it is counted again.
package twice

import (
	"context"

	"github.com/redis/go-redis/v9"
	"github.com/segmentio/kafka-go"
)

type Clicks struct {
	rdb *redis.Client
	in  *kafka.Reader
}

func (c *Clicks) Run(ctx context.Context) error {
	for {
		m, err := c.in.FetchMessage(ctx)
		if err != nil {
			return err
		}
		if err := c.count(ctx, string(m.Key), string(m.Value)); err != nil {
			return err
		}
		if err := c.in.CommitMessages(ctx, m); err != nil {
			return err
		}
	}
}

func (c *Clicks) count(ctx context.Context, id, page string) error {
	known, err := c.rdb.SIsMember(ctx, "counted", id).Result()
	if err != nil || known {
		return err
	}
	if err := c.rdb.HIncrBy(ctx, "clicks", page, 1).Err(); err != nil { // want `\(increment\)`
		return err
	}
	return c.rdb.SAdd(ctx, "counted", id).Err()
}
