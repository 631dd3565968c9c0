// Package transfer books money from one account to another.
//
// Wrong although both rows stand in one transaction: it makes them both or none, as often
// as the message comes. There is no mark of the message beside them.
package transfer

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
	if err := b.book(ctx, t); err != nil {
		return err
	}
	_, err = b.Queue.DeleteMessage(ctx, *m.MessageID, *m.PopReceipt, nil)
	return err
}

func (b *Bank) book(ctx context.Context, t transfer) error {
	tx, err := b.DB.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer tx.Rollback()
	if _, err := tx.ExecContext(ctx, "INSERT INTO ledger (account, cents) VALUES (?, ?)", t.From, -t.Cents); err != nil { // want `inserts into ledger without a conflict clause.*\(sideeffect\)`
		return err
	}
	if _, err := tx.ExecContext(ctx, "INSERT INTO ledger (account, cents) VALUES (?, ?)", t.To, t.Cents); err != nil { // want `inserts into ledger without a conflict clause.*\(sideeffect\)`
		return err
	}
	return tx.Commit()
}
