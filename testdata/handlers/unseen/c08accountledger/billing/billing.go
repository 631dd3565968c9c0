// Package billing books payments; it does not know where accounts are kept.
package billing

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/to"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azqueue/v2"
)

// Account has the payments booked by their ids.
type Account struct {
	ID       string           `json:"id"`
	Payments map[string]int64 `json:"payments"`
}

// Accounts is a repository.
type Accounts interface {
	Get(ctx context.Context, id string) (*Account, error)
	Put(ctx context.Context, a *Account) error
}

// Processor books.
type Processor struct {
	queue    *azqueue.QueueClient
	accounts Accounts
	log      *slog.Logger
}

// NewProcessor returns a Processor.
func NewProcessor(queue *azqueue.QueueClient, accounts Accounts, log *slog.Logger) *Processor {
	return &Processor{queue: queue, accounts: accounts, log: log}
}

// Run books until the context is done.
func (p *Processor) Run(ctx context.Context) error {
	for {
		resp, err := p.queue.DequeueMessage(ctx, &azqueue.DequeueMessageOptions{VisibilityTimeout: to.Ptr(int32(60))})
		if err != nil {
			return fmt.Errorf("dequeue: %w", err)
		}
		for _, m := range resp.Messages {
			if err := p.book(ctx, *m.MessageText); err != nil {
				p.log.Error("payment not booked", "msg", *m.MessageID, "deliveries", *m.DequeueCount, "err", err)
				continue
			}
			if _, err := p.queue.DeleteMessage(ctx, *m.MessageID, *m.PopReceipt, nil); err != nil {
				p.log.Error("payment not deleted", "msg", *m.MessageID, "err", err)
			}
		}
		if len(resp.Messages) == 0 {
			time.Sleep(time.Second)
		}
	}
}

func (p *Processor) book(ctx context.Context, text string) error {
	var pay struct {
		ID      string `json:"id"`
		Account string `json:"account"`
		Cents   int64  `json:"cents"`
	}
	if err := json.Unmarshal([]byte(text), &pay); err != nil {
		return fmt.Errorf("decode: %w", err)
	}
	acc, err := p.accounts.Get(ctx, pay.Account)
	if err != nil {
		return err
	}
	if acc.Payments == nil {
		acc.Payments = make(map[string]int64)
	}
	acc.Payments[pay.ID] = pay.Cents
	return p.accounts.Put(ctx, acc)
}
