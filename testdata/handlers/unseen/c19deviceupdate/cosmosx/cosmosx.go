// Package cosmosx makes read-modify-write on Cosmos DB short.
package cosmosx

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/data/azcosmos"
)

// Update reads an item, has it changed and writes it back if nobody else did meanwhile. An item that is not there is created.
func Update[T any](ctx context.Context, c *azcosmos.ContainerClient, id string, change func(*T)) error {
	pk := azcosmos.NewPartitionKeyString(id)
	for {
		err := attempt(ctx, c, pk, id, change)
		if status(err) != http.StatusPreconditionFailed && status(err) != http.StatusConflict {
			return err
		}
	}
}

func attempt[T any](ctx context.Context, c *azcosmos.ContainerClient, pk azcosmos.PartitionKey, id string, change func(*T)) error {
	var v T
	resp, err := c.ReadItem(ctx, pk, id, nil)
	missing := status(err) == http.StatusNotFound
	if err != nil && !missing {
		return err
	}
	if !missing {
		if err := json.Unmarshal(resp.Value, &v); err != nil {
			return err
		}
	}
	change(&v)
	raw, err := json.Marshal(v)
	if err != nil {
		return err
	}
	if missing {
		_, err = c.CreateItem(ctx, pk, raw, nil)
		return err
	}
	_, err = c.ReplaceItem(ctx, pk, id, raw, &azcosmos.ItemOptions{IfMatchEtag: &resp.ETag})
	return err
}

func status(err error) int {
	var re *azcore.ResponseError
	if errors.As(err, &re) {
		return re.StatusCode
	}
	return 0
}
