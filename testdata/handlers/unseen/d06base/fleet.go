// Package fleets notes which vehicles a fleet has.
package fleets

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"

	"github.com/Azure/azure-sdk-for-go/sdk/data/azcosmos"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azqueue/v2"
)

type fleet struct {
	ID       string   `json:"id"`
	Vehicles []string `json:"vehicles"`
	Version  string   `json:"_etag"`
}

type joined struct {
	Fleet   string `json:"fleet"`
	Vehicle string `json:"vehicle"`
}

// Repo is the repository of fleets.
type Repo struct {
	base
}

// NewRepo returns a Repo.
func NewRepo(docs *azcosmos.ContainerClient) *Repo { return &Repo{base{docs: docs}} }

// Join adds a vehicle to a fleet. The version is at hand and is compared with nothing.
func (r *Repo) Join(ctx context.Context, j joined) error {
	var f fleet
	version, err := r.load(ctx, j.Fleet, &f)
	if err != nil {
		return err
	}
	if f.Version != string(version) {
		return fmt.Errorf("fleet %s: two versions in one answer", f.ID)
	}
	if slices.Contains(f.Vehicles, j.Vehicle) {
		return nil
	}
	f.Vehicles = append(f.Vehicles, j.Vehicle)
	return r.save(ctx, f.ID, &f, &azcosmos.ItemOptions{EnableContentResponseOnWrite: false})
}

// Listen handles one message after another.
func Listen(ctx context.Context, q *azqueue.QueueClient, repo *Repo) error {
	for {
		resp, err := q.DequeueMessage(ctx, nil)
		if err != nil {
			return err
		}
		for _, m := range resp.Messages {
			var j joined
			if err := json.Unmarshal([]byte(*m.MessageText), &j); err != nil {
				return fmt.Errorf("message %s: %w", *m.MessageID, err)
			}
			if err := repo.Join(ctx, j); err != nil {
				return fmt.Errorf("message %s: %w", *m.MessageID, err)
			}
			if _, err := q.DeleteMessage(ctx, *m.MessageID, *m.PopReceipt, nil); err != nil {
				return err
			}
		}
	}
}
