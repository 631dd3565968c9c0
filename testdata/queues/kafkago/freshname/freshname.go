// Package freshname stores each report under a name of its own attempt.
package freshname

import (
	"context"
	"log"

	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob"
	"github.com/google/uuid"
	"github.com/segmentio/kafka-go"
)

// Handler is what the consumers of this house share.
type Handler func(ctx context.Context, key, value []byte) error

func Consume(ctx context.Context, r *kafka.Reader, handle Handler) error {
	for {
		m, err := r.FetchMessage(ctx)
		if err != nil {
			return err
		}
		if err := handle(ctx, m.Key, m.Value); err != nil {
			return err
		}
		if err := r.CommitMessages(ctx, m); err != nil {
			log.Println("commit:", err)
		}
	}
}

func Start(ctx context.Context, r *kafka.Reader, blobs *azblob.Client) error {
	return Consume(ctx, r, func(ctx context.Context, key, value []byte) error {
		name := string(key) + "/" + uuid.NewString() + ".pdf"
		_, err := blobs.UploadBuffer(ctx, "reports", name, value, nil) // want `\(freshkey\)`
		return err
	})
}
