// Package cosmosaccounts keeps accounts in Cosmos DB.
//
// Wrong: Put replaces the item whatever its version.
package cosmosaccounts

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/Azure/azure-sdk-for-go/sdk/data/azcosmos"
	"github.com/idemlint/idemlint/testdata/handlers/unseen/c08accountledger/billing"
)

// Repo implements billing.Accounts.
type Repo struct{ items *azcosmos.ContainerClient }

// New returns a Repo.
func New(items *azcosmos.ContainerClient) *Repo { return &Repo{items: items} }

// Get reads an account.
func (r *Repo) Get(ctx context.Context, id string) (*billing.Account, error) {
	resp, err := r.items.ReadItem(ctx, azcosmos.NewPartitionKeyString(id), id, nil)
	if err != nil {
		return nil, fmt.Errorf("read account %s: %w", id, err)
	}
	var a billing.Account
	if err := json.Unmarshal(resp.Value, &a); err != nil {
		return nil, fmt.Errorf("account %s: %w", id, err)
	}
	return &a, nil
}

// Put writes an account.
func (r *Repo) Put(ctx context.Context, a *billing.Account) error {
	raw, err := json.Marshal(a)
	if err != nil {
		return err
	}
	_, err = r.items.ReplaceItem(ctx, azcosmos.NewPartitionKeyString(a.ID), a.ID, raw, nil)
	return err
}
