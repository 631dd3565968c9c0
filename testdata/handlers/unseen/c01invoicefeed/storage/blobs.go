// Package storage is the in-house blob library.
package storage

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/to"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/blob"
)

// Blobs writes JSON documents to one container.
type Blobs struct {
	client    *azblob.Client
	container string
}

// NewBlobs returns Blobs.
func NewBlobs(client *azblob.Client, container string) *Blobs {
	return &Blobs{client: client, container: container}
}

// PutJSON stores v under name.
func (b *Blobs) PutJSON(ctx context.Context, name string, v any) error {
	raw, err := json.Marshal(v)
	if err != nil {
		return fmt.Errorf("marshal %s: %w", name, err)
	}
	_, err = b.client.UploadBuffer(ctx, b.container, name, raw, &azblob.UploadBufferOptions{
		HTTPHeaders: &blob.HTTPHeaders{BlobContentType: to.Ptr("application/json")},
	})
	if err != nil {
		return fmt.Errorf("upload %s: %w", name, err)
	}
	return nil
}
