// Package quota raises the limits of a tenant.
//
// Right: the patch is sent under the ETag of the item it was computed from.
package quota

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/data/azcosmos"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azqueue/v2"
)

// Raise is a message.
type Raise struct {
	Tenant   string `json:"tenant"`
	Resource string `json:"resource"`
	Minimum  int64  `json:"minimum"`
}

// Service raises limits.
type Service struct {
	Tenants *azcosmos.ContainerClient
	Queue   *azqueue.QueueClient
	Log     *slog.Logger
}

// Tick handles what one receive returns.
func (s Service) Tick(ctx context.Context) error {
	resp, err := s.Queue.DequeueMessage(ctx, nil)
	if err != nil {
		return err
	}
	for _, m := range resp.Messages {
		var r Raise
		if err := json.Unmarshal([]byte(*m.MessageText), &r); err != nil {
			s.Log.Error("quota: not a raise", "err", err)
			continue
		}
		err := s.raise(ctx, r)
		for try := 0; conflict(err) && try < 3; try++ {
			err = s.raise(ctx, r)
		}
		if err != nil {
			s.Log.Error("quota: not raised", "tenant", r.Tenant, "err", err)
			continue
		}
		if _, err := s.Queue.DeleteMessage(ctx, *m.MessageID, *m.PopReceipt, nil); err != nil {
			return fmt.Errorf("quota: %w", err)
		}
	}
	return nil
}

func conflict(err error) bool {
	var re *azcore.ResponseError
	return errors.As(err, &re) && re.StatusCode == http.StatusPreconditionFailed
}

func (s Service) raise(ctx context.Context, r Raise) error {
	pk := azcosmos.NewPartitionKeyString(r.Tenant)
	item, err := s.Tenants.ReadItem(ctx, pk, r.Tenant, nil)
	if err != nil {
		return err
	}
	var doc struct {
		Limits map[string]int64 `json:"limits"`
	}
	if err := json.Unmarshal(item.Value, &doc); err != nil {
		return err
	}
	doc.Limits[r.Resource] = max(doc.Limits[r.Resource], r.Minimum)
	patch := azcosmos.PatchOperations{}
	patch.AppendSet("/limits", doc.Limits)
	_, err = s.Tenants.PatchItem(ctx, pk, r.Tenant, patch, &azcosmos.ItemOptions{IfMatchEtag: &item.ETag})
	return err
}
