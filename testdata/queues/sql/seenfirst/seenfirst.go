// Package seenfirst books payments on accounts.
//
// Right: the payment's number is looked for first and kept in the same transaction as the
// new balance. Of two workers at once, one fails on the number's key.
package seenfirst

import (
	"context"
	"database/sql"
	"encoding/json"

	"github.com/Azure/azure-sdk-for-go/sdk/storage/azqueue"
)

type payment struct {
	Number, Account string
	Cents           int64
}

// Books are the books.
type Books struct{ db *sql.DB }

// Take handles one message.
func (b *Books) Take(ctx context.Context, queue *azqueue.QueueClient) error {
	resp, err := queue.DequeueMessage(ctx, nil)
	if err != nil || len(resp.Messages) == 0 {
		return err
	}
	m := resp.Messages[0]
	var p payment
	if err := json.Unmarshal([]byte(*m.MessageText), &p); err != nil {
		return err
	}
	if err := b.book(ctx, p); err != nil {
		return err
	}
	_, err = queue.DeleteMessage(ctx, *m.MessageID, *m.PopReceipt, nil)
	return err
}

func (b *Books) book(ctx context.Context, p payment) error {
	tx, err := b.db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer tx.Rollback()
	seen, err := seen(ctx, tx, p.Number)
	if err != nil || seen {
		return err
	}
	if _, err := tx.ExecContext(ctx, "UPDATE accounts SET balance = balance + $1 WHERE id = $2", p.Cents, p.Account); err != nil {
		return err
	}
	if _, err := tx.ExecContext(ctx, "INSERT INTO payments (payment_id, account, cents) VALUES ($1, $2, $3)", p.Number, p.Account, p.Cents); err != nil {
		return err
	}
	return tx.Commit()
}

func seen(ctx context.Context, tx *sql.Tx, number string) (bool, error) {
	var n int
	err := tx.QueryRowContext(ctx, "SELECT count(*) FROM payments WHERE payment_id = $1", number).Scan(&n)
	return n > 0, err
}
