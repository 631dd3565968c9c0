// Package repo keeps accounts in Cosmos DB.
package repo

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/data/azcosmos"
	"github.com/idemlint/idemlint/testdata/handlers/unseen/b06accounts/worker"
)

// Cosmos implements worker.Accounts.
type Cosmos struct {
	container *azcosmos.ContainerClient
	log       *slog.Logger
}

// NewCosmos returns the accounts of a container.
func NewCosmos(container *azcosmos.ContainerClient, log *slog.Logger) *Cosmos {
	return &Cosmos{container: container, log: log}
}

var _ worker.Accounts = (*Cosmos)(nil)

// Find implements worker.Accounts.
func (c *Cosmos) Find(ctx context.Context, customer, id string) (*worker.Account, string, error) {
	item, err := c.container.ReadItem(ctx, azcosmos.NewPartitionKeyString(customer), id, nil)
	if err != nil {
		return nil, "", fmt.Errorf("account %s/%s: %w", customer, id, err)
	}
	acct := new(worker.Account)
	if err := json.Unmarshal(item.Value, acct); err != nil {
		return nil, "", err
	}
	return acct, string(item.ETag), nil
}

// Save implements worker.Accounts.
func (c *Cosmos) Save(ctx context.Context, acct *worker.Account, version string) error {
	body, err := json.Marshal(acct)
	if err != nil {
		return err
	}
	opts := &azcosmos.ItemOptions{EnableContentResponseOnWrite: false}
	rsp, err := c.container.ReplaceItem(ctx, azcosmos.NewPartitionKeyString(acct.Customer), acct.ID, body, opts)
	if status := new(azcore.ResponseError); errors.As(err, &status) && status.StatusCode == http.StatusPreconditionFailed {
		return fmt.Errorf("account %s at %s: %w", acct.ID, version, worker.ErrStale)
	}
	if err != nil {
		return err
	}
	c.log.Debug("saved", "account", acct.ID, "from", version, "to", rsp.ETag, "charge", rsp.RequestCharge)
	return nil
}
