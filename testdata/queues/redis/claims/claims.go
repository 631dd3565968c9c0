// Package claims reads new entries, takes over what others left for five minutes, and
// acknowledges what is done, and only that.
package claims

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob"
	"github.com/redis/go-redis/v9"
)

type Worker struct {
	rdb                     *redis.Client
	blobs                   *azblob.Client
	stream, group, consumer string
}

func (w *Worker) Run(ctx context.Context) error {
	for ctx.Err() == nil {
		left, _, err := w.rdb.XAutoClaim(ctx, &redis.XAutoClaimArgs{
			Stream: w.stream, Group: w.group, Consumer: w.consumer, MinIdle: 5 * time.Minute, Start: "0", Count: 10,
		}).Result()
		if err != nil {
			return err
		}
		w.handle(ctx, left)
		fresh, err := w.rdb.XReadGroup(ctx, &redis.XReadGroupArgs{
			Group: w.group, Consumer: w.consumer, Streams: []string{w.stream, ">"}, Count: 10, Block: time.Second,
		}).Result()
		if errors.Is(err, redis.Nil) {
			continue
		}
		if err != nil {
			return err
		}
		for _, s := range fresh {
			w.handle(ctx, s.Messages)
		}
	}
	return ctx.Err()
}

func (w *Worker) handle(ctx context.Context, entries []redis.XMessage) {
	for _, e := range entries {
		if err := w.store(ctx, e); err != nil {
			slog.Error("entry", "id", e.ID, "err", err)
			continue
		}
		if err := w.rdb.XAck(ctx, w.stream, w.group, e.ID).Err(); err != nil {
			slog.Error("ack", "id", e.ID, "err", err)
		}
	}
}

func (w *Worker) store(ctx context.Context, e redis.XMessage) error {
	_, err := w.blobs.UploadBuffer(ctx, "entries", e.ID, []byte(fmt.Sprint(e.Values["body"])), nil)
	return err
}
