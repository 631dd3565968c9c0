// Package commitsfailed commits a whole poll, with the records that it could not store.
package commitsfailed

import (
	"context"
	"log/slog"

	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob"
	"github.com/twmb/franz-go/pkg/kgo"
)

func Run(ctx context.Context, cl *kgo.Client, blobs *azblob.Client) error {
	for {
		fetches := cl.PollFetches(ctx)
		if err := fetches.Err(); err != nil {
			return err
		}
		for _, r := range fetches.Records() {
			if _, err := blobs.UploadBuffer(ctx, "records", string(r.Key), r.Value, nil); err != nil {
				slog.Error("record", "offset", r.Offset, "err", err)
			}
			if err := cl.CommitRecords(ctx, r); err != nil { // want `settled although .* failed.*\(deleteonerror\)`
				return err
			}
		}
	}
}
