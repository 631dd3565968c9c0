// Package nogroup copies a topic into blobs. Without a group ReadMessage commits nothing:
// each start reads the topic from its beginning, and what a crash lost is copied then.
package nogroup

import (
	"context"
	"fmt"

	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob"
	"github.com/segmentio/kafka-go"
)

func Copy(ctx context.Context, broker string, blobs *azblob.Client) error {
	r := kafka.NewReader(kafka.ReaderConfig{Brokers: []string{broker}, Topic: "settings", StartOffset: kafka.FirstOffset})
	defer r.Close()
	for {
		m, err := r.ReadMessage(ctx)
		if err != nil {
			return err
		}
		name := fmt.Sprintf("settings/%d", m.Offset)
		if _, err := blobs.UploadBuffer(ctx, "copy", name, m.Value, nil); err != nil {
			return err
		}
	}
}
