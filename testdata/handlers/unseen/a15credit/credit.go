// Package credit books payments on the accounts of customers.
//
// Right: account and mark are written in one transaction, and the account under the version read; the mark is looked
// at first.
package credit

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/to"
	"github.com/Azure/azure-sdk-for-go/sdk/data/aztables"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azqueue"
)

// Payment is a message.
type Payment struct {
	ID       string `json:"id"`
	Customer string `json:"customer"`
	Cents    int64  `json:"cents"`
}

const (
	accountRow = "account"
	markPrefix = "payment-"
)

// Config is filled from YAML.
type Config struct {
	BatchSize         int32 `yaml:"batchSize"`
	VisibilitySeconds int32 `yaml:"visibilitySeconds"`
}

func (c Config) withDefaults() Config {
	if c.BatchSize <= 0 {
		c.BatchSize = 8
	}
	if c.VisibilitySeconds <= 0 {
		c.VisibilitySeconds = 90
	}
	return c
}

// Bookkeeper books payments.
type Bookkeeper struct {
	cfg   Config
	queue *azqueue.QueueClient
	book  *aztables.Client
}

// NewBookkeeper returns a Bookkeeper.
func NewBookkeeper(cfg Config, queue *azqueue.QueueClient, book *aztables.Client) *Bookkeeper {
	return &Bookkeeper{cfg: cfg.withDefaults(), queue: queue, book: book}
}

// Batch handles one batch and says how many payments were in it.
func (b *Bookkeeper) Batch(ctx context.Context) (int, error) {
	resp, err := b.queue.DequeueMessages(ctx, &azqueue.DequeueMessagesOptions{
		NumberOfMessages:  &b.cfg.BatchSize,
		VisibilityTimeout: &b.cfg.VisibilitySeconds,
	})
	if err != nil {
		return 0, err
	}
	for _, m := range resp.Messages {
		var p Payment
		if err := json.Unmarshal([]byte(*m.MessageText), &p); err != nil {
			slog.ErrorContext(ctx, "credit: unreadable", "message", *m.MessageID, "err", err)
			continue
		}
		if err := b.pay(ctx, p); err != nil {
			slog.ErrorContext(ctx, "credit: not booked", "payment", p.ID, "err", err)
			continue
		}
		if _, err := b.queue.DeleteMessage(ctx, *m.MessageID, *m.PopReceipt, nil); err != nil {
			slog.ErrorContext(ctx, "credit: not deleted", "payment", p.ID, "err", err)
		}
	}
	return len(resp.Messages), nil
}

func (b *Bookkeeper) booked(ctx context.Context, p Payment) (bool, error) {
	_, err := b.book.GetEntity(ctx, p.Customer, markPrefix+p.ID, nil)
	if err == nil {
		return true, nil
	}
	var re *azcore.ResponseError
	if errors.As(err, &re) && re.StatusCode == http.StatusNotFound {
		return false, nil
	}
	return false, err
}

func (b *Bookkeeper) pay(ctx context.Context, p Payment) error {
	done, err := b.booked(ctx, p)
	if err != nil {
		return fmt.Errorf("mark: %w", err)
	}
	if done {
		return nil
	}

	got, err := b.book.GetEntity(ctx, p.Customer, accountRow, nil)
	if err != nil {
		return fmt.Errorf("account: %w", err)
	}
	var account aztables.EDMEntity
	if err := json.Unmarshal(got.Value, &account); err != nil {
		return fmt.Errorf("account: %w", err)
	}
	balance, _ := account.Properties["Cents"].(aztables.EDMInt64)
	next, err := json.Marshal(aztables.EDMEntity{
		Entity:     aztables.Entity{PartitionKey: p.Customer, RowKey: accountRow},
		Properties: map[string]any{"Cents": balance + aztables.EDMInt64(p.Cents)},
	})
	if err != nil {
		return err
	}
	mark, err := json.Marshal(aztables.EDMEntity{
		Entity:     aztables.Entity{PartitionKey: p.Customer, RowKey: markPrefix + p.ID},
		Properties: map[string]any{"Cents": aztables.EDMInt64(p.Cents)},
	})
	if err != nil {
		return err
	}
	_, err = b.book.SubmitTransaction(ctx, []aztables.TransactionAction{
		{ActionType: aztables.TransactionTypeAdd, Entity: mark},
		{ActionType: aztables.TransactionTypeUpdateMerge, Entity: next, IfMatch: to.Ptr(got.ETag)},
	}, nil)
	if err != nil {
		return fmt.Errorf("transaction: %w", err)
	}
	return nil
}
