// Package parallel works on several messages at once and commits each as it is done: the
// commit of a later one covers an earlier one that is still under way, or has failed.
package parallel

import (
	"context"
	"log/slog"

	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob"
	"github.com/segmentio/kafka-go"
)

func Run(ctx context.Context, r *kafka.Reader, blobs *azblob.Client) error {
	slots := make(chan struct{}, 16)
	for {
		m, err := r.FetchMessage(ctx)
		if err != nil {
			return err
		}
		slots <- struct{}{}
		go func() {
			defer func() { <-slots }()
			if _, err := blobs.UploadBuffer(ctx, "thumbs", string(m.Key), m.Value, nil); err != nil {
				slog.Error("thumb", "key", string(m.Key), "err", err)
				return
			}
			if err := r.CommitMessages(ctx, m); err != nil { // want `earlier messages are still under way.*\(earlydelete\)`
				slog.Error("commit", "offset", m.Offset, "err", err)
			}
		}()
	}
}
