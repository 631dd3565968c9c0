// Package commitfirst commits as soon as it has a message, "so that a rebalance does not
// bring it twice", and stores it then.
package commitfirst

import (
	"context"
	"fmt"

	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob"
	"github.com/segmentio/kafka-go"
)

func Archive(ctx context.Context, r *kafka.Reader, blobs *azblob.Client) error {
	for {
		m, err := r.FetchMessage(ctx)
		if err != nil {
			return fmt.Errorf("fetch: %w", err)
		}
		if err := r.CommitMessages(ctx, m); err != nil { // want `settled before the work is done.*\(earlydelete\)`
			return fmt.Errorf("commit: %w", err)
		}
		name := fmt.Sprintf("%s/%d/%d", m.Topic, m.Partition, m.Offset)
		if _, err := blobs.UploadBuffer(ctx, "archive", name, m.Value, nil); err != nil {
			return fmt.Errorf("archive %s: %w", name, err)
		}
	}
}
