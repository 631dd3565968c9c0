// Package readwrite keeps an order's total in Redis, for the events of a topic: read,
// changed in the process, and set.
package readwrite

import (
	"context"
	"encoding/json"
	"errors"
	"strconv"

	"github.com/redis/go-redis/v9"
	"github.com/segmentio/kafka-go"
)

// Totals is what the handler needs to know of the store.
type Totals interface {
	Total(ctx context.Context, order string) (int64, error)
	SetTotal(ctx context.Context, order string, cents int64) error
}

type redisTotals struct{ rdb redis.Cmdable }

func (t redisTotals) Total(ctx context.Context, order string) (int64, error) {
	text, err := t.rdb.Get(ctx, "total:"+order).Result()
	if errors.Is(err, redis.Nil) {
		return 0, nil
	}
	if err != nil {
		return 0, err
	}
	return strconv.ParseInt(text, 10, 64)
}

func (t redisTotals) SetTotal(ctx context.Context, order string, cents int64) error {
	return t.rdb.Set(ctx, "total:"+order, cents, 0).Err() // want `read-modify-write without a precondition.*\(etag\)`
}

type Lines struct {
	reader *kafka.Reader
	totals Totals
}

func New(reader *kafka.Reader, rdb *redis.Client) *Lines {
	return &Lines{reader, redisTotals{rdb}}
}

func (l *Lines) Run(ctx context.Context) error {
	for {
		m, err := l.reader.FetchMessage(ctx)
		if err != nil {
			return err
		}
		var line struct {
			Order string
			Cents int64
		}
		if err := json.Unmarshal(m.Value, &line); err != nil {
			return err
		}
		total, err := l.totals.Total(ctx, line.Order)
		if err != nil {
			return err
		}
		if err := l.totals.SetTotal(ctx, line.Order, total+line.Cents); err != nil {
			return err
		}
		if err := l.reader.CommitMessages(ctx, m); err != nil {
			return err
		}
	}
}
