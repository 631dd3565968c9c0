// Package blobstore is the company's key-value façade over a blob container.
package blobstore

import (
	"context"
	"io"

	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob"
)

// Bucket stores values under keys.
type Bucket struct {
	api    *azblob.Client
	name   string
	prefix string
}

// Option configures a Bucket.
type Option func(*Bucket)

// WithPrefix puts all keys below a folder.
func WithPrefix(p string) Option { return func(b *Bucket) { b.prefix = p } }

// New returns a Bucket.
func New(api *azblob.Client, name string, opts ...Option) *Bucket {
	b := &Bucket{api: api, name: name}
	for _, o := range opts {
		o(b)
	}
	return b
}

// Read returns the value of a key.
func (b *Bucket) Read(ctx context.Context, key string) ([]byte, error) {
	r, err := b.api.DownloadStream(ctx, b.name, b.prefix+key, nil)
	if err != nil {
		return nil, err
	}
	defer r.Body.Close()
	return io.ReadAll(r.Body)
}

// Write sets the value of a key.
func (b *Bucket) Write(ctx context.Context, key string, value []byte) error {
	_, err := b.api.UploadBuffer(ctx, b.name, b.prefix+key, value, &azblob.UploadBufferOptions{Concurrency: 2})
	return err
}
