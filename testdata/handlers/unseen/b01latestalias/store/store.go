// Package store puts documents where readers find them.
package store

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/to"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/blob"
)

// Putter puts a document.
type Putter interface {
	Put(ctx context.Context, name string, body []byte) error
}

// Blobs puts documents into one container.
type Blobs struct {
	client    *azblob.Client
	container string
}

// NewBlobs returns the store of a container.
func NewBlobs(client *azblob.Client, container string) *Blobs {
	return &Blobs{client: client, container: container}
}

// Put implements Putter.
func (b *Blobs) Put(ctx context.Context, name string, body []byte) error {
	opts := &azblob.UploadBufferOptions{
		HTTPHeaders: &blob.HTTPHeaders{BlobContentType: to.Ptr("application/json")},
	}
	if _, err := b.client.UploadBuffer(ctx, b.container, name, body, opts); err != nil {
		return fmt.Errorf("put %s/%s: %w", b.container, name, err)
	}
	return nil
}

type timed struct{ next Putter }

// Timed logs how long each put takes.
func Timed(next Putter) Putter { return timed{next} }

func (t timed) Put(ctx context.Context, name string, body []byte) error {
	start := time.Now()
	err := t.next.Put(ctx, name, body)
	slog.DebugContext(ctx, "put", "name", name, "bytes", len(body), "took", time.Since(start), "err", err)
	return err
}
