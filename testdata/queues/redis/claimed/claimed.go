// Package claimed claims each message with SETNX before it counts it, and gives the claim
// up when counting fails.
package claimed

import (
	"context"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/segmentio/kafka-go"
)

func Run(ctx context.Context, in *kafka.Reader, rdb *redis.Client) error {
	for {
		m, err := in.FetchMessage(ctx)
		if err != nil {
			return err
		}
		claim := "counted:" + string(m.Key)
		first, err := rdb.SetNX(ctx, claim, 1, 24*time.Hour).Result()
		if err != nil {
			return err
		}
		if first {
			if err := rdb.Incr(ctx, "visitors").Err(); err != nil {
				rdb.Del(ctx, claim)
				return err
			}
		}
		if err := in.CommitMessages(ctx, m); err != nil {
			return err
		}
	}
}
