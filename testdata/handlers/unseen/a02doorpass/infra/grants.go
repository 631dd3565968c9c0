// Package infra keeps domain objects in Azure.
package infra

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/Azure/azure-sdk-for-go/sdk/data/aztables"
	"github.com/idemlint/idemlint/testdata/handlers/unseen/a02doorpass/domain"
)

const site = "hq"

// GrantTable implements domain.Grants.
type GrantTable struct {
	table *aztables.Client
}

// NewGrantTable returns a GrantTable.
func NewGrantTable(t *aztables.Client) *GrantTable {
	return &GrantTable{table: t}
}

func toRow(g domain.Grant) ([]byte, error) {
	return json.Marshal(aztables.EDMEntity{
		Entity: aztables.Entity{PartitionKey: site, RowKey: g.VisitID},
		Properties: map[string]any{
			"Visitor":   g.Visitor,
			"Doors":     strings.Join(g.Doors, ","),
			"ExpiresAt": aztables.EDMDateTime(g.ExpiresAt),
		},
	})
}

// Save implements domain.Grants.
func (t *GrantTable) Save(ctx context.Context, g domain.Grant) error {
	row, err := toRow(g)
	if err != nil {
		return fmt.Errorf("grant %s: %w", g.VisitID, err)
	}
	opts := &aztables.UpsertEntityOptions{UpdateMode: aztables.UpdateModeReplace}
	if _, err := t.table.UpsertEntity(ctx, row, opts); err != nil {
		return fmt.Errorf("grant %s: %w", g.VisitID, err)
	}
	return nil
}
