// Package blobrepo keeps orders in Azure Blob Storage.
//
// Right: the version is the ETag of the download, sent as If-Match by Save.
package blobrepo

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/streaming"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/blob"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/bloberror"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/blockblob"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/container"
	"github.com/idemlint/idemlint/testdata/handlers/etag/orderscas/domain"
)

// Repo implements domain.Repository.
type Repo struct {
	orders *container.Client
}

var _ domain.Repository = (*Repo)(nil)

// New returns a Repo over the given container.
func New(orders *container.Client) *Repo { return &Repo{orders: orders} }

// Find implements domain.Repository.
func (r *Repo) Find(ctx context.Context, id string) (domain.Order, error) {
	var o domain.Order
	resp, err := r.orders.NewBlockBlobClient(id).DownloadStream(ctx, nil)
	if err != nil {
		return o, fmt.Errorf("find %s: %w", id, err)
	}
	defer resp.Body.Close()
	if err := json.NewDecoder(resp.Body).Decode(&o); err != nil {
		return o, fmt.Errorf("find %s: %w", id, err)
	}
	o.Version = domain.Version(*resp.ETag)
	return o, nil
}

// Save implements domain.Repository.
func (r *Repo) Save(ctx context.Context, o domain.Order) error {
	raw, err := json.Marshal(o)
	if err != nil {
		return fmt.Errorf("save %s: %w", o.ID, err)
	}
	etag := azcore.ETag(o.Version)
	_, err = r.orders.NewBlockBlobClient(o.ID).Upload(ctx, streaming.NopCloser(bytes.NewReader(raw)), &blockblob.UploadOptions{
		AccessConditions: &blob.AccessConditions{
			ModifiedAccessConditions: &blob.ModifiedAccessConditions{IfMatch: &etag},
		},
	})
	if bloberror.HasCode(err, bloberror.ConditionNotMet) {
		return domain.ErrConflict
	}
	return err
}
