// Package tablemembers keeps members in Azure Tables.
package tablemembers

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/data/aztables"
	"github.com/idemlint/idemlint/testdata/handlers/unseen/c18loyaltycas/loyalty"
)

const partition = "members"

type entity struct {
	PartitionKey string
	RowKey       string
	Points       int
	Purchases    string
}

// Members implements loyalty.Members.
type Members struct{ table *aztables.Client }

// New returns Members.
func New(table *aztables.Client) *Members { return &Members{table: table} }

// Load implements loyalty.Members.
func (t *Members) Load(ctx context.Context, id string) (loyalty.Member, string, error) {
	resp, err := t.table.GetEntity(ctx, partition, id, nil)
	if err != nil {
		return loyalty.Member{}, "", err
	}
	var e entity
	if err := json.Unmarshal(resp.Value, &e); err != nil {
		return loyalty.Member{}, "", err
	}
	m := loyalty.Member{ID: id, Points: e.Points}
	if err := json.Unmarshal([]byte(e.Purchases), &m.Purchases); err != nil {
		return loyalty.Member{}, "", err
	}
	return m, string(resp.ETag), nil
}

// Store implements loyalty.Members.
func (t *Members) Store(ctx context.Context, m loyalty.Member, version string) error {
	list, err := json.Marshal(m.Purchases)
	if err != nil {
		return err
	}
	raw, err := json.Marshal(entity{PartitionKey: partition, RowKey: m.ID, Points: m.Points, Purchases: string(list)})
	if err != nil {
		return err
	}
	match := azcore.ETag(version)
	opts := aztables.UpdateEntityOptions{UpdateMode: aztables.UpdateModeReplace}
	opts.IfMatch = &match
	if _, err := t.table.UpdateEntity(ctx, raw, &opts); err != nil {
		var re *azcore.ResponseError
		if errors.As(err, &re) && re.StatusCode == http.StatusPreconditionFailed {
			return loyalty.ErrStale
		}
		return err
	}
	return nil
}
