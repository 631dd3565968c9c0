// Package accounts keeps accounts in a table.
package accounts

import (
	"context"
	"encoding/json"

	"github.com/Azure/azure-sdk-for-go/sdk/data/aztables"
)

type Account struct {
	PartitionKey, RowKey string
	Cents                int64
}

type Store struct{ Table *aztables.Client }

func (s *Store) Load(ctx context.Context, id string) (*Account, error) {
	row, err := s.Table.GetEntity(ctx, "accounts", id, nil)
	if err != nil {
		return nil, err
	}
	a := new(Account)
	if err := json.Unmarshal(row.Value, a); err != nil {
		return nil, err
	}
	return a, nil
}

func (s *Store) Save(ctx context.Context, a *Account) error {
	row, err := json.Marshal(a)
	if err != nil {
		return err
	}
	_, err = s.Table.UpdateEntity(ctx, row, nil)
	return err
}
