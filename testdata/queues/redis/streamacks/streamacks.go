// Package streamacks acknowledges entries of a stream also where the work failed.
package streamacks

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/data/aztables"
	"github.com/redis/go-redis/v9"
)

const (
	stream = "signups"
	group  = "mailers"
)

type Signups struct {
	rdb   redis.UniversalClient
	table *aztables.Client
	name  string
}

func (s *Signups) Run(ctx context.Context) error {
	for {
		streams, err := s.rdb.XReadGroup(ctx, &redis.XReadGroupArgs{
			Group: group, Consumer: s.name, Streams: []string{stream, ">"}, Count: 16, Block: 5 * time.Second,
		}).Result()
		if errors.Is(err, redis.Nil) {
			continue
		}
		if err != nil {
			return err
		}
		for _, x := range streams {
			for _, entry := range x.Messages {
				if err := s.store(ctx, entry); err != nil {
					slog.Error("signup", "id", entry.ID, "err", err)
				}
				s.rdb.XAck(ctx, stream, group, entry.ID) // want `settled although .* failed.*\(deleteonerror\)`
			}
		}
	}
}

func (s *Signups) store(ctx context.Context, entry redis.XMessage) error {
	row, err := json.Marshal(map[string]any{"PartitionKey": "signups", "RowKey": entry.ID, "Mail": entry.Values["mail"]})
	if err != nil {
		return err
	}
	_, err = s.table.UpsertEntity(ctx, row, nil)
	return err
}
