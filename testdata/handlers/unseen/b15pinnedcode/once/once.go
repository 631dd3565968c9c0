// Package once writes blobs that nobody changes afterwards.
package once

import (
	"context"
	"fmt"
	"io"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/to"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/blob"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/bloberror"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/blockblob"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/container"
)

// Store creates blobs.
type Store struct{ Container *container.Client }

func absent() *blob.AccessConditions {
	none := azcore.ETagAny
	return &blob.AccessConditions{ModifiedAccessConditions: &blob.ModifiedAccessConditions{IfNoneMatch: &none}}
}

// Create writes a blob unless it is there, and returns what is there now.
func (s *Store) Create(ctx context.Context, name, contentType string, body []byte) ([]byte, error) {
	bc := s.Container.NewBlockBlobClient(name)
	_, err := bc.UploadBuffer(ctx, body, &blockblob.UploadBufferOptions{
		HTTPHeaders:      &blob.HTTPHeaders{BlobContentType: to.Ptr(contentType)},
		AccessConditions: absent(),
	})
	if err == nil {
		return body, nil
	}
	if !bloberror.HasCode(err, bloberror.BlobAlreadyExists, bloberror.ConditionNotMet) {
		return nil, fmt.Errorf("create %s: %w", name, err)
	}
	rsp, err := bc.DownloadStream(ctx, nil)
	if err != nil {
		return nil, err
	}
	defer rsp.Body.Close()
	return io.ReadAll(rsp.Body)
}
