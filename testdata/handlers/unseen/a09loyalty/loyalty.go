// Package loyalty books points for purchases.
package loyalty

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/to"
	"github.com/Azure/azure-sdk-for-go/sdk/data/azcosmos"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azqueue/v2"
	"github.com/idemlint/idemlint/testdata/handlers/unseen/a09loyalty/store"
)

// Account is the document of a member.
type Account struct {
	ID      string   `json:"id"`
	Region  string   `json:"region"`
	Points  int      `json:"points"`
	Tier    string   `json:"tier"`
	Applied []string `json:"applied"`
}

// DocumentID implements store.Document.
func (a *Account) DocumentID() string { return a.ID }

// Partition implements store.Document.
func (a *Account) Partition() string { return a.Region }

func (a *Account) credit(p purchase) bool {
	if slices.Contains(a.Applied, p.Receipt) {
		return false
	}
	a.Applied = append(a.Applied, p.Receipt)
	a.Points += p.Cents / 100
	switch {
	case a.Points >= 10_000:
		a.Tier = "gold"
	case a.Points >= 2_000:
		a.Tier = "silver"
	}
	return true
}

type purchase struct {
	Receipt string `json:"receipt"`
	Member  string `json:"member"`
	Region  string `json:"region"`
	Cents   int    `json:"cents"`
}

// Booker books points.
type Booker struct {
	queue    *azqueue.QueueClient
	accounts *store.Repo[*Account]
}

// NewBooker returns a Booker.
func NewBooker(q *azqueue.QueueClient, c *azcosmos.ContainerClient) *Booker {
	return &Booker{queue: q, accounts: store.NewRepo[*Account](c)}
}

// Run books until the context ends.
func (b *Booker) Run(ctx context.Context) error {
	for {
		resp, err := b.queue.DequeueMessages(ctx, &azqueue.DequeueMessagesOptions{
			NumberOfMessages:  to.Ptr(int32(16)),
			VisibilityTimeout: to.Ptr(int32((2 * time.Minute).Seconds())),
		})
		if err != nil {
			return fmt.Errorf("loyalty: %w", err)
		}
		for _, m := range resp.Messages {
			if err := b.book(ctx, []byte(*m.MessageText)); err != nil {
				slog.ErrorContext(ctx, "not booked", "message", *m.MessageID, "err", err)
				continue
			}
			if _, err := b.queue.DeleteMessage(ctx, *m.MessageID, *m.PopReceipt, nil); err != nil {
				slog.ErrorContext(ctx, "not deleted", "message", *m.MessageID, "err", err)
			}
		}
		if len(resp.Messages) > 0 {
			continue
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(time.Second):
		}
	}
}

func (b *Booker) book(ctx context.Context, body []byte) error {
	var p purchase
	if err := json.Unmarshal(body, &p); err != nil {
		return err
	}
	account, err := b.accounts.Find(ctx, p.Region, p.Member)
	if errors.Is(err, store.ErrNotFound) {
		slog.WarnContext(ctx, "purchase of somebody who is no member", "receipt", p.Receipt)
		return nil
	}
	if err != nil {
		return err
	}
	if !account.credit(p) {
		return nil
	}
	return b.accounts.Replace(ctx, account) // want `read-modify-write without a precondition.*\(etag\)`
}
