// Package tablestore is a key-value façade over one table partition.
//
// Right: Swap is a compare-and-swap on the ETag that Fetch returned.
package tablestore

import (
	"context"
	"encoding/json"
	"errors"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/data/aztables"
)

// ErrChanged says that a value is no longer the one that was fetched.
var ErrChanged = errors.New("tablestore: value has changed")

// KV is a partition of a table.
type KV struct {
	Table     *aztables.Client
	Partition string
}

type cell struct {
	PartitionKey string
	RowKey       string
	Data         []byte
}

// Fetch returns the value of a key and its version.
func (kv *KV) Fetch(ctx context.Context, key string) (value []byte, version string, err error) {
	got, err := kv.Table.GetEntity(ctx, kv.Partition, key, nil)
	if err != nil {
		return nil, "", err
	}
	var c cell
	if err := json.Unmarshal(got.Value, &c); err != nil {
		return nil, "", err
	}
	return c.Data, string(got.ETag), nil
}

// Swap sets the value of a key that is still at the given version.
func (kv *KV) Swap(ctx context.Context, key string, value []byte, version string) error {
	raw, err := json.Marshal(cell{PartitionKey: kv.Partition, RowKey: key, Data: value})
	if err != nil {
		return err
	}
	_, err = kv.Table.UpdateEntity(ctx, raw, options(version))
	var re *azcore.ResponseError
	if errors.As(err, &re) && re.ErrorCode == string(aztables.UpdateConditionNotSatisfied) {
		return ErrChanged
	}
	return err
}

func options(version string) *aztables.UpdateEntityOptions {
	etag := azcore.ETag(version)
	return &aztables.UpdateEntityOptions{IfMatch: &etag, UpdateMode: aztables.UpdateModeReplace}
}
