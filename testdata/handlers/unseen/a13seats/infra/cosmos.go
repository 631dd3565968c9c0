// Package infra keeps shows in Cosmos DB.
package infra

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/data/azcosmos"
	"github.com/idemlint/idemlint/testdata/handlers/unseen/a13seats/domain"
)

// CosmosShows implements domain.Shows.
type CosmosShows struct {
	*azcosmos.ContainerClient
}

var _ domain.Shows = CosmosShows{}

// Get implements domain.Shows.
func (c CosmosShows) Get(ctx context.Context, id string) (domain.Versioned[domain.Show], error) {
	var v domain.Versioned[domain.Show]
	resp, err := c.ReadItem(ctx, azcosmos.NewPartitionKeyString(id), id, nil)
	if err != nil {
		return v, fmt.Errorf("show %s: %w", id, err)
	}
	if err := json.Unmarshal(resp.Value, &v.Value); err != nil {
		return v, fmt.Errorf("show %s: %w", id, err)
	}
	v.Version = string(resp.ETag)
	return v, nil
}

func unchanged(version string) *azcosmos.ItemOptions {
	etag := azcore.ETag(version)
	return &azcosmos.ItemOptions{IfMatchEtag: &etag}
}

// Put implements domain.Shows.
func (c CosmosShows) Put(ctx context.Context, s domain.Versioned[domain.Show]) error {
	item, err := json.Marshal(s.Value)
	if err != nil {
		return err
	}
	_, err = c.ReplaceItem(ctx, azcosmos.NewPartitionKeyString(s.Value.ID), s.Value.ID, item, unchanged(s.Version))
	var re *azcore.ResponseError
	if errors.As(err, &re) && re.StatusCode == http.StatusPreconditionFailed {
		return domain.ErrConflict
	}
	return err
}
