// Package docs keeps JSON documents in blobs, generically.
//
// Right: a Doc[T] remembers the version it was loaded at, and Save sends it back
// as If-Match; a document that does not exist yet is created with If-None-Match.
package docs

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/to"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/blob"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/bloberror"
)

// Doc is a document and the version it was loaded at; no version: not there yet.
type Doc[T any] struct {
	Name    string
	Value   T
	version *azcore.ETag
}

// Store is a container of documents of one kind.
type Store[T any] struct {
	Client *azblob.Client
	Bucket string
}

// Load reads a document; one that is not there is empty.
func (s Store[T]) Load(ctx context.Context, name string) (*Doc[T], error) {
	d := &Doc[T]{Name: name}
	resp, err := s.Client.DownloadStream(ctx, s.Bucket, name, nil)
	if bloberror.HasCode(err, bloberror.BlobNotFound) {
		return d, nil
	}
	if err != nil {
		return nil, fmt.Errorf("load %s: %w", name, err)
	}
	defer resp.Body.Close()
	d.version = resp.ETag
	if err := json.NewDecoder(resp.Body).Decode(&d.Value); err != nil {
		return nil, fmt.Errorf("decode %s: %w", name, err)
	}
	return d, nil
}

// Save writes a document if nobody else did since it was loaded.
func (s Store[T]) Save(ctx context.Context, d *Doc[T]) error {
	raw, err := json.Marshal(d.Value)
	if err != nil {
		return fmt.Errorf("encode %s: %w", d.Name, err)
	}
	cond := &blob.ModifiedAccessConditions{}
	if d.version != nil {
		cond.IfMatch = d.version
	} else {
		cond.IfNoneMatch = to.Ptr(azcore.ETagAny)
	}
	opts := &azblob.UploadBufferOptions{}
	opts.AccessConditions = &blob.AccessConditions{ModifiedAccessConditions: cond}
	if _, err := s.Client.UploadBuffer(ctx, s.Bucket, d.Name, raw, opts); err != nil {
		return fmt.Errorf("save %s: %w", d.Name, err)
	}
	return nil
}
