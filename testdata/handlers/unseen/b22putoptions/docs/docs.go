// Package docs reads and writes blobs with options.
package docs

import (
	"context"
	"io"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/blob"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/blockblob"
)

// Bucket is a container.
type Bucket struct {
	client *azblob.Client
	name   string
}

// Open opens a container.
func Open(client *azblob.Client, name string) *Bucket { return &Bucket{client, name} }

// Object is what Get found.
type Object struct {
	Body []byte
	ETag *azcore.ETag
}

// Get reads a blob.
func (b *Bucket) Get(ctx context.Context, key string) (*Object, error) {
	rsp, err := b.client.DownloadStream(ctx, b.name, key, nil)
	if err != nil {
		return nil, err
	}
	defer rsp.Body.Close()
	body, err := io.ReadAll(rsp.Body)
	if err != nil {
		return nil, err
	}
	return &Object{Body: body, ETag: rsp.ETag}, nil
}

// PutOption changes how Put writes.
type PutOption func(*blockblob.UploadBufferOptions)

// ContentType sets the content type.
func ContentType(t string) PutOption {
	return func(o *blockblob.UploadBufferOptions) {
		if o.HTTPHeaders == nil {
			o.HTTPHeaders = new(blob.HTTPHeaders)
		}
		o.HTTPHeaders.BlobContentType = &t
	}
}

// Replacing lets Put succeed only while the blob is as obj says.
func Replacing(obj *Object) PutOption {
	return func(o *blockblob.UploadBufferOptions) {
		o.AccessConditions = &blob.AccessConditions{
			ModifiedAccessConditions: &blob.ModifiedAccessConditions{IfMatch: obj.ETag},
		}
	}
}

// Put writes a blob.
func (b *Bucket) Put(ctx context.Context, key string, body []byte, options ...PutOption) error {
	var opts blockblob.UploadBufferOptions
	for _, set := range options {
		set(&opts)
	}
	_, err := b.client.UploadBuffer(ctx, b.name, key, body, &opts)
	return err
}
