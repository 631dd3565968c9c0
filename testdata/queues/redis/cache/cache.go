// Package cache throws away what an event made stale, and leaves a list of the newest
// articles in their order: doing it twice is doing it once.
package cache

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/IBM/sarama"
	"github.com/redis/go-redis/v9"
)

type article struct {
	ID        string
	Published time.Time
	Title     string
}

type Cache struct{ rdb *redis.ClusterClient }

func (c *Cache) Setup(sarama.ConsumerGroupSession) error   { return nil }
func (c *Cache) Cleanup(sarama.ConsumerGroupSession) error { return nil }

func (c *Cache) ConsumeClaim(s sarama.ConsumerGroupSession, claim sarama.ConsumerGroupClaim) error {
	for m := range claim.Messages() {
		var a article
		if err := json.Unmarshal(m.Value, &a); err != nil {
			return fmt.Errorf("offset %d: %w", m.Offset, err)
		}
		if err := c.renew(s.Context(), a); err != nil {
			return err
		}
		s.MarkMessage(m, "")
	}
	return nil
}

func (c *Cache) renew(ctx context.Context, a article) error {
	if err := c.rdb.Del(ctx, "article:"+a.ID).Err(); err != nil {
		return err
	}
	if err := c.rdb.SAdd(ctx, "articles", a.ID).Err(); err != nil {
		return err
	}
	return c.rdb.ZAdd(ctx, "newest", redis.Z{Score: float64(a.Published.Unix()), Member: a.ID}).Err()
}
