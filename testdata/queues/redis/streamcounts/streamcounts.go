// Package streamcounts counts sales by article: an entry that comes again after a crash
// is counted again.
package streamcounts

import (
	"context"
	"fmt"
	"strconv"

	"github.com/redis/go-redis/v9"
)

type Counter struct {
	rdb      *redis.Client
	consumer string
}

func (c *Counter) Run(ctx context.Context) error {
	for {
		res, err := c.rdb.XReadGroup(ctx, &redis.XReadGroupArgs{
			Group: "counter", Consumer: c.consumer, Streams: []string{"sales", ">"},
		}).Result()
		if err != nil {
			return err
		}
		for _, sale := range res[0].Messages {
			if err := c.count(ctx, sale); err != nil {
				return err
			}
			if err := c.rdb.XAck(ctx, "sales", "counter", sale.ID).Err(); err != nil {
				return err
			}
		}
	}
}

func (c *Counter) count(ctx context.Context, sale redis.XMessage) error {
	n, err := strconv.ParseInt(fmt.Sprint(sale.Values["n"]), 10, 64)
	if err != nil {
		return err
	}
	return c.rdb.IncrBy(ctx, "sold:"+fmt.Sprint(sale.Values["article"]), n).Err() // want `\(increment\)`
}
