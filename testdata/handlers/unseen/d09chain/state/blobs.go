// Package state keeps calls in blobs.
package state

import (
	"context"
	"encoding/json"
	"io"

	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/blob"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/bloberror"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/blockblob"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/container"

	"github.com/idemlint/idemlint/testdata/handlers/unseen/d09chain/pipe"
)

// Blobs is a pipe.Store.
type Blobs struct{ Calls *container.Client }

var _ pipe.Store = (*Blobs)(nil)

// Get reads a call and the version it is in.
func (b *Blobs) Get(ctx context.Context, id string) (*pipe.Call, error) {
	got, err := b.Calls.NewBlobClient(id).DownloadStream(ctx, nil)
	if err != nil {
		return nil, err
	}
	defer got.Body.Close()
	raw, err := io.ReadAll(got.Body)
	if err != nil {
		return nil, err
	}
	c := new(pipe.Call)
	if err := json.Unmarshal(raw, c); err != nil {
		return nil, err
	}
	c.ETag = got.ETag
	return c, nil
}

// Put writes a call back and notes the version that the write made.
func (b *Blobs) Put(ctx context.Context, c *pipe.Call, cond pipe.Conditions) error {
	raw, err := json.Marshal(c)
	if err != nil {
		return err
	}
	resp, err := b.Calls.NewBlockBlobClient(c.ID).UploadBuffer(ctx, raw, &blockblob.UploadBufferOptions{
		AccessConditions: &blob.AccessConditions{ModifiedAccessConditions: &blob.ModifiedAccessConditions{IfMatch: cond.IfMatch}},
	})
	if bloberror.HasCode(err, bloberror.ConditionNotMet) {
		return pipe.ErrChanged
	}
	if err != nil {
		return err
	}
	c.ETag = resp.ETag
	return nil
}
