// Package inbox books money from one account to another.
//
// Right: the message's id goes into the inbox in the same transaction. Where it is there
// already, the transfer was booked.
package inbox

import (
	"context"
	"database/sql"
	"encoding/json"

	"github.com/Azure/azure-sdk-for-go/sdk/storage/azqueue"
)

type transfer struct {
	From, To string
	Cents    int64
}

// Bank is the worker.
type Bank struct {
	Queue *azqueue.QueueClient
	DB    *sql.DB
}

// Next books one transfer.
func (b *Bank) Next(ctx context.Context) error {
	resp, err := b.Queue.DequeueMessage(ctx, nil)
	if err != nil || len(resp.Messages) == 0 {
		return err
	}
	m := resp.Messages[0]
	var t transfer
	if err := json.Unmarshal([]byte(*m.MessageText), &t); err != nil {
		return err
	}
	if err := b.book(ctx, *m.MessageID, t); err != nil {
		return err
	}
	_, err = b.Queue.DeleteMessage(ctx, *m.MessageID, *m.PopReceipt, nil)
	return err
}

func (b *Bank) book(ctx context.Context, id string, t transfer) error {
	tx, err := b.DB.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer tx.Rollback()
	res, err := tx.ExecContext(ctx, "INSERT INTO inbox (message_id) VALUES ($1) ON CONFLICT DO NOTHING", id)
	if err != nil {
		return err
	}
	if n, err := res.RowsAffected(); err != nil || n == 0 {
		return err
	}
	for account, cents := range map[string]int64{t.From: -t.Cents, t.To: t.Cents} {
		if _, err := tx.ExecContext(ctx, "INSERT INTO ledger (account, cents) VALUES ($1, $2)", account, cents); err != nil {
			return err
		}
	}
	return tx.Commit()
}
