// Package store keeps orders in Azure Blob Storage.
package store

import (
	"context"
	"encoding/json"
	"io"

	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob"
	"github.com/idemlint/idemlint/testdata/handlers/etag/orders/domain"
)

// Blobs keeps each order in a blob of its own.
type Blobs struct {
	client    *azblob.Client
	container string
}

// NewBlobs returns orders kept in the given container.
func NewBlobs(client *azblob.Client, container string) *Blobs {
	return &Blobs{client: client, container: container}
}

func path(id string) string { return "orders/" + id + ".json" }

// Get reads an order.
func (b *Blobs) Get(ctx context.Context, id string) (*domain.Order, error) {
	resp, err := b.client.DownloadStream(ctx, b.container, path(id), nil)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	data, err := io.ReadAll(resp.Body)
	if err != nil {
		return nil, err
	}
	o := &domain.Order{}
	return o, json.Unmarshal(data, o)
}

// Put writes an order.
func (b *Blobs) Put(ctx context.Context, o *domain.Order) error {
	data, err := json.Marshal(o)
	if err != nil {
		return err
	}
	_, err = b.client.UploadBuffer(ctx, b.container, path(o.ID), data, nil)
	return err
}
