// Package signups keeps newsletter sign-ups.
package signups

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/data/aztables"
)

// ErrDuplicate says that the sign-up was recorded before.
var ErrDuplicate = errors.New("signup already recorded")

// Store is a table of sign-ups.
type Store struct{ table *aztables.Client }

// NewStore returns a Store.
func NewStore(table *aztables.Client) *Store { return &Store{table: table} }

// Insert creates the row for an address.
func (s *Store) Insert(ctx context.Context, list, address string) error {
	raw, err := json.Marshal(map[string]string{"PartitionKey": list, "RowKey": address})
	if err != nil {
		return err
	}
	if _, err := s.table.AddEntity(ctx, raw, nil); err != nil {
		var re *azcore.ResponseError
		if errors.As(err, &re) && re.StatusCode == http.StatusConflict {
			return ErrDuplicate
		}
		return err
	}
	return nil
}
