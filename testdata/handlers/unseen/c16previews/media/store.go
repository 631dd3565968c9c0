// Package media stores media.
package media

import (
	"context"
	"io"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/to"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/blob"
)

// Store is blob storage.
type Store struct {
	client *azblob.Client
}

// NewStore returns a Store.
func NewStore(client *azblob.Client) *Store { return &Store{client: client} }

// Open opens an original.
func (s *Store) Open(ctx context.Context, name string) (io.ReadCloser, error) {
	resp, err := s.client.DownloadStream(ctx, "originals", name, nil)
	if err != nil {
		return nil, err
	}
	return resp.Body, nil
}

// SavePreview stores a preview; when it was made is kept beside it for the curious.
func (s *Store) SavePreview(ctx context.Context, name string, data []byte) error {
	_, err := s.client.UploadBuffer(ctx, "previews", name, data, &azblob.UploadBufferOptions{
		HTTPHeaders: &blob.HTTPHeaders{BlobContentType: to.Ptr("image/jpeg")},
		Metadata:    map[string]*string{"renderedat": to.Ptr(time.Now().UTC().Format(time.RFC3339))},
	})
	return err
}
