// Package store keeps places.
package store

import (
	"context"
	"encoding/json"
	"errors"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/data/aztables"
	"github.com/idemlint/idemlint/testdata/handlers/unseen/a26geocode/geo"
)

// Places is a table.
type Places struct {
	Table *aztables.Client
}

// Add keeps the first place that is found for an id.
func (p *Places) Add(ctx context.Context, id string, at geo.Point) error {
	row, err := json.Marshal(aztables.EDMEntity{
		Entity:     aztables.Entity{PartitionKey: "place", RowKey: id},
		Properties: map[string]any{"Lat": at.Lat, "Lon": at.Lon},
	})
	if err != nil {
		return err
	}
	_, err = p.Table.AddEntity(ctx, row, nil)
	var re *azcore.ResponseError
	if errors.As(err, &re) && re.ErrorCode == string(aztables.EntityAlreadyExists) {
		return nil
	}
	return err
}
