// Package infra keeps the archive in blobs.
//
// Right: see package domain, which makes the keys.
package infra

import (
	"context"
	"encoding/json"

	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/container"
	"github.com/idemlint/idemlint/testdata/handlers/blobwrite/climate/domain"
)

// BlobArchive implements domain.Archive.
type BlobArchive struct{ Container *container.Client }

// Put implements domain.Archive.
func (a BlobArchive) Put(ctx context.Context, key string, m domain.Measurement) error {
	data, err := json.Marshal(m)
	if err != nil {
		return err
	}
	_, err = a.Container.NewBlockBlobClient(key).UploadBuffer(ctx, data, nil)
	return err
}
