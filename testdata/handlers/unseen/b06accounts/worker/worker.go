// Package worker books payments on accounts.
package worker

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/messaging/azservicebus"
)

// Account is what is kept per customer.
type Account struct {
	ID       string   `json:"id"`
	Customer string   `json:"customer"`
	Cents    int64    `json:"cents"`
	Booked   []string `json:"booked"`
}

// ErrStale says that somebody else saved the account meanwhile.
var ErrStale = errors.New("account is stale")

// Accounts is where accounts are kept. Save fails with ErrStale if version is no longer the current one.
type Accounts interface {
	Find(ctx context.Context, customer, id string) (acct *Account, version string, err error)
	Save(ctx context.Context, acct *Account, version string) error
}

// Worker books payments.
type Worker struct {
	receiver *azservicebus.Receiver
	accounts Accounts
}

// New returns a Worker.
func New(receiver *azservicebus.Receiver, accounts Accounts) *Worker {
	return &Worker{receiver: receiver, accounts: accounts}
}

// Run ends with the context.
func (w *Worker) Run(ctx context.Context) error {
	for {
		msgs, err := w.receiver.ReceiveMessages(ctx, 1, nil)
		if err != nil {
			return err
		}
		for _, m := range msgs {
			if err := w.handle(ctx, m); err != nil {
				slog.Error("payment", "message", m.MessageID, "delivery", m.DeliveryCount, "err", err)
				if err := w.receiver.AbandonMessage(ctx, m, nil); err != nil {
					slog.Error("abandon", "message", m.MessageID, "err", err)
				}
				continue
			}
			done, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
			if err := w.receiver.CompleteMessage(done, m, nil); err != nil {
				slog.Error("complete", "message", m.MessageID, "err", err)
			}
			cancel()
		}
	}
}

type payment struct {
	Customer string `json:"customer"`
	Account  string `json:"account"`
	Cents    int64  `json:"cents"`
}

func (w *Worker) handle(ctx context.Context, m *azservicebus.ReceivedMessage) error {
	var p payment
	if err := json.Unmarshal(m.Body, &p); err != nil {
		return fmt.Errorf("payment: %w", err)
	}
	for range 3 {
		acct, version, err := w.accounts.Find(ctx, p.Customer, p.Account)
		if err != nil {
			return err
		}
		if slices.Contains(acct.Booked, m.MessageID) {
			return nil
		}
		acct.Cents += p.Cents
		acct.Booked = append(acct.Booked, m.MessageID)
		err = w.accounts.Save(ctx, acct, version)
		if errors.Is(err, ErrStale) {
			continue
		}
		return err
	}
	return ErrStale
}
