// Package house stores what the house's bus brings: the bus settles, by what the handler
// returns.
package house

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob"

	"github.com/idemlint/idemlint/testdata/queues/amqp/house/bus"
)

type letters struct{ blobs *azblob.Client }

func (l *letters) store(ctx context.Context, body []byte) error {
	var letter struct{ ID, Text string }
	if err := json.Unmarshal(body, &letter); err != nil {
		return fmt.Errorf("letter: %w", err)
	}
	_, err := l.blobs.UploadBuffer(ctx, "letters", letter.ID, []byte(letter.Text), nil)
	return err
}

func Serve(ctx context.Context, b *bus.Bus, blobs *azblob.Client) error {
	l := &letters{blobs}
	return b.Subscribe(ctx, "letters", l.store)
}
