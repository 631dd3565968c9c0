// Package deposit adds money to an account.
//
// Wrong: the balance is read and written in one transaction, with the row locked, so that
// two workers cannot lose an update. The second delivery adds the money again all the same.
package deposit

import (
	"context"
	"encoding/json"

	"github.com/Azure/azure-sdk-for-go/sdk/storage/azqueue"
	"github.com/jackc/pgx/v5/pgxpool"
)

type deposit struct {
	Account string
	Cents   int64
}

// Book handles one message.
func Book(ctx context.Context, queue *azqueue.QueueClient, pool *pgxpool.Pool) error {
	resp, err := queue.DequeueMessage(ctx, nil)
	if err != nil || len(resp.Messages) == 0 {
		return err
	}
	m := resp.Messages[0]
	var d deposit
	if err := json.Unmarshal([]byte(*m.MessageText), &d); err != nil {
		return err
	}
	tx, err := pool.Begin(ctx)
	if err != nil {
		return err
	}
	defer tx.Rollback(ctx)
	var balance int64
	if err := tx.QueryRow(ctx, "SELECT balance FROM accounts WHERE id = $1 FOR UPDATE", d.Account).Scan(&balance); err != nil {
		return err
	}
	if _, err := tx.Exec(ctx, "UPDATE accounts SET balance = $1 WHERE id = $2", balance+d.Cents, d.Account); err != nil { // want `adds to what was read.*\(increment\)`
		return err
	}
	if err := tx.Commit(ctx); err != nil {
		return err
	}
	_, err = queue.DeleteMessage(ctx, *m.MessageID, *m.PopReceipt, nil)
	return err
}
