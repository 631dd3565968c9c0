package fleets

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/data/azcosmos"
)

// base is what all repositories have in common.
type base struct {
	docs *azcosmos.ContainerClient
}

func (b *base) load(ctx context.Context, id string, into any) (azcore.ETag, error) {
	item, err := b.docs.ReadItem(ctx, azcosmos.NewPartitionKeyString(id), id, nil)
	if err != nil {
		return "", fmt.Errorf("load %s: %w", id, err)
	}
	return item.ETag, json.Unmarshal(item.Value, into)
}

// save replaces a document; opts may be nil.
func (b *base) save(ctx context.Context, id string, doc any, opts *azcosmos.ItemOptions) error {
	raw, err := json.Marshal(doc)
	if err != nil {
		return err
	}
	_, err = b.docs.ReplaceItem(ctx, azcosmos.NewPartitionKeyString(id), id, raw, opts) // want `read-modify-write without a precondition.*\(etag\)`
	if err != nil {
		return fmt.Errorf("save %s: %w", id, err)
	}
	return nil
}
