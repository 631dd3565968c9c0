// Package reliable moves a job to a list of its own while it works on it, and takes it
// from there when it is done. A start puts back what the last run left there.
package reliable

import (
	"context"
	"errors"
	"log/slog"

	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob"
	"github.com/redis/go-redis/v9"
)

const (
	waiting = "scans:waiting"
	working = "scans:working"
)

func Run(ctx context.Context, rdb *redis.Client, blobs *azblob.Client) error {
	for {
		err := rdb.LMove(ctx, working, waiting, "RIGHT", "LEFT").Err()
		if errors.Is(err, redis.Nil) {
			break
		}
		if err != nil {
			return err
		}
	}
	for {
		job, err := rdb.BLMove(ctx, waiting, working, "RIGHT", "LEFT", 0).Result()
		if err != nil {
			return err
		}
		if _, err := blobs.UploadBuffer(ctx, "scans", job, []byte(job), nil); err != nil {
			slog.Error("scan", "job", job, "err", err)
			continue // it stays in the list of what is worked on
		}
		if err := rdb.LRem(ctx, working, 1, job).Err(); err != nil {
			return err
		}
	}
}
