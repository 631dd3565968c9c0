// Package noack reads a group with NoAck: nothing is kept for who crashes.
package noack

import (
	"context"
	"fmt"

	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob"
	"github.com/redis/go-redis/v9"
)

func Run(ctx context.Context, rdb *redis.Client, blobs *azblob.Client) error {
	for {
		streams, err := rdb.XReadGroup(ctx, &redis.XReadGroupArgs{ // want `settled as it is received.*\(earlydelete\)`
			Group: "archive", Consumer: "1", Streams: []string{"papers", ">"}, NoAck: true,
		}).Result()
		if err != nil {
			return err
		}
		for _, s := range streams {
			for _, m := range s.Messages {
				body := fmt.Sprint(m.Values["text"])
				if _, err := blobs.UploadBuffer(ctx, "papers", m.ID, []byte(body), nil); err != nil {
					return err
				}
			}
		}
	}
}
