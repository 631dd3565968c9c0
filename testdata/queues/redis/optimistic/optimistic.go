// Package optimistic changes a document under WATCH: the transaction fails where somebody
// else changed the key since, and is tried again. The ids applied stand in the document.
package optimistic

import (
	"context"
	"encoding/json"
	"errors"
	"slices"

	"github.com/redis/go-redis/v9"
	"github.com/segmentio/kafka-go"
)

type cart struct {
	Items   []string
	Applied []string
}

type addition struct{ ID, Cart, Item string }

func Run(ctx context.Context, r *kafka.Reader, rdb *redis.Client) error {
	for {
		m, err := r.FetchMessage(ctx)
		if err != nil {
			return err
		}
		var a addition
		if err := json.Unmarshal(m.Value, &a); err != nil {
			return err
		}
		for {
			err = rdb.Watch(ctx, func(tx *redis.Tx) error { return add(ctx, tx, a) }, "cart:"+a.Cart)
			if !errors.Is(err, redis.TxFailedErr) {
				break
			}
		}
		if err != nil {
			return err
		}
		if err := r.CommitMessages(ctx, m); err != nil {
			return err
		}
	}
}

func add(ctx context.Context, tx *redis.Tx, a addition) error {
	text, err := tx.Get(ctx, "cart:"+a.Cart).Result()
	if err != nil && !errors.Is(err, redis.Nil) {
		return err
	}
	var c cart
	if text != "" {
		if err := json.Unmarshal([]byte(text), &c); err != nil {
			return err
		}
	}
	if slices.Contains(c.Applied, a.ID) {
		return nil
	}
	c.Items = append(c.Items, a.Item)
	c.Applied = append(c.Applied, a.ID)
	body, err := json.Marshal(c)
	if err != nil {
		return err
	}
	_, err = tx.TxPipelined(ctx, func(p redis.Pipeliner) error {
		return p.Set(ctx, "cart:"+a.Cart, body, 0).Err()
	})
	return err
}
