// Package points adds points to accounts.
//
// Wrong: the update is relative, and nothing tells that it was made for this message.
package points

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"

	"github.com/Azure/azure-sdk-for-go/sdk/storage/azqueue"
)

type award struct {
	Account string
	Points  int
}

// Add handles one message.
func Add(ctx context.Context, queue *azqueue.QueueClient, db *sql.DB) error {
	resp, err := queue.DequeueMessage(ctx, nil)
	if err != nil || len(resp.Messages) == 0 {
		return err
	}
	m := resp.Messages[0]
	var a award
	if err := json.Unmarshal([]byte(*m.MessageText), &a); err != nil {
		return err
	}
	res, err := db.ExecContext(ctx, "UPDATE accounts SET points = points + $1, updated_at = now() WHERE id = $2", a.Points, a.Account) // want `applies a change to what is there.*\(increment\)`
	if err != nil {
		return err
	}
	if n, err := res.RowsAffected(); err != nil || n == 0 {
		return errors.New("no account " + a.Account)
	}
	_, err = queue.DeleteMessage(ctx, *m.MessageID, *m.PopReceipt, nil)
	return err
}
