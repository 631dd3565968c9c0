// Package contracts files signed contracts.
//
// Right: nil means completed in package busx, also where the contract is already there.
package contracts

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"

	"github.com/Azure/azure-sdk-for-go/sdk/data/azcosmos"
	"github.com/Azure/azure-sdk-for-go/sdk/messaging/azservicebus"
	"github.com/idemlint/idemlint/testdata/handlers/unseen/c22deferredwrapper/busx"
)

// Filer files.
type Filer struct {
	contracts *azcosmos.ContainerClient
}

// NewFiler returns a Filer.
func NewFiler(contracts *azcosmos.ContainerClient) *Filer { return &Filer{contracts: contracts} }

// Run files what r receives.
func (f *Filer) Run(ctx context.Context, r *azservicebus.Receiver) error {
	return busx.Consume(ctx, r, f.file)
}

func (f *Filer) file(ctx context.Context, body []byte) error {
	var c struct {
		ID     string `json:"id"`
		Client string `json:"client"`
		Signed bool   `json:"signed"`
	}
	if err := json.Unmarshal(body, &c); err != nil {
		return fmt.Errorf("%w: %v", busx.ErrPermanent, err)
	}
	if !c.Signed {
		slog.Info("not signed", "contract", c.ID)
		return nil
	}
	pk := azcosmos.NewPartitionKeyString(c.Client)
	if _, err := f.contracts.ReadItem(ctx, pk, c.ID, nil); err == nil {
		slog.Info("filed before", "contract", c.ID)
		return nil
	}
	if _, err := f.contracts.UpsertItem(ctx, pk, body, nil); err != nil {
		return fmt.Errorf("file %s: %w", c.ID, err)
	}
	return nil
}
