// Package claims records insurance claims.
//
// Right: the row is read only to learn whether the claim is known; what is written comes from the message alone.
package claims

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log"
	"net/http"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/to"
	"github.com/Azure/azure-sdk-for-go/sdk/data/aztables"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azqueue/v2"
)

// Claim is a claim.
type Claim struct {
	Number string `json:"number"`
	Policy string `json:"policy"`
	Amount int64  `json:"amount"`
}

type row struct {
	aztables.Entity
	Amount    int64
	UpdatedAt string
}

// Repository keeps claims.
type Repository struct {
	table *aztables.Client
}

// Known says whether a claim is there.
func (r *Repository) Known(ctx context.Context, c Claim) (bool, error) {
	_, err := r.table.GetEntity(ctx, c.Policy, c.Number, nil)
	var re *azcore.ResponseError
	if errors.As(err, &re) && re.StatusCode == http.StatusNotFound {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	return true, nil
}

// Save saves a claim.
func (r *Repository) Save(ctx context.Context, c Claim) error {
	raw, err := json.Marshal(row{
		Entity:    aztables.Entity{PartitionKey: c.Policy, RowKey: c.Number},
		Amount:    c.Amount,
		UpdatedAt: time.Now().UTC().Format(time.RFC3339),
	})
	if err != nil {
		return err
	}
	_, err = r.table.UpsertEntity(ctx, raw, nil)
	return err
}

// Intake takes claims in.
type Intake struct {
	queue *azqueue.QueueClient
	repo  *Repository
}

// NewIntake returns an Intake.
func NewIntake(queue *azqueue.QueueClient, table *aztables.Client) *Intake {
	return &Intake{queue: queue, repo: &Repository{table: table}}
}

// Once handles at most eight messages.
func (in *Intake) Once(ctx context.Context) error {
	resp, err := in.queue.DequeueMessages(ctx, &azqueue.DequeueMessagesOptions{NumberOfMessages: to.Ptr(int32(8)), VisibilityTimeout: to.Ptr(int32(60))})
	if err != nil {
		return err
	}
	var errs []error
	for _, m := range resp.Messages {
		if err := in.take(ctx, m); err != nil {
			errs = append(errs, fmt.Errorf("claim %s (%d): %w", *m.MessageID, *m.DequeueCount, err))
		}
	}
	return errors.Join(errs...)
}

func (in *Intake) take(ctx context.Context, m *azqueue.DequeuedMessage) error {
	var c Claim
	if err := json.Unmarshal([]byte(*m.MessageText), &c); err != nil {
		return err
	}
	known, err := in.repo.Known(ctx, c)
	if err != nil {
		return err
	}
	if known {
		log.Printf("claim %s is known", c.Number)
	} else if err := in.repo.Save(ctx, c); err != nil {
		return err
	}
	_, err = in.queue.DeleteMessage(ctx, *m.MessageID, *m.PopReceipt, nil)
	return err
}
