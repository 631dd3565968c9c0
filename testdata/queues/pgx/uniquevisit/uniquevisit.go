// Package uniquevisit counts visitors of a page.
//
// Right: the count goes up only where this visit's row is new, and both are one statement's
// transaction.
package uniquevisit

import (
	"context"
	"encoding/json"

	"github.com/Azure/azure-sdk-for-go/sdk/storage/azqueue"
	"github.com/jackc/pgx/v5/pgxpool"
)

type visit struct{ Page string }

// Count handles one message.
func Count(ctx context.Context, queue *azqueue.QueueClient, pool *pgxpool.Pool) error {
	resp, err := queue.DequeueMessage(ctx, nil)
	if err != nil || len(resp.Messages) == 0 {
		return err
	}
	m := resp.Messages[0]
	var v visit
	if err := json.Unmarshal([]byte(*m.MessageText), &v); err != nil {
		return err
	}
	tx, err := pool.Begin(ctx)
	if err != nil {
		return err
	}
	defer tx.Rollback(ctx)
	tag, err := tx.Exec(ctx, "INSERT INTO visits (message_id, page) VALUES ($1, $2) ON CONFLICT DO NOTHING", *m.MessageID, v.Page)
	if err != nil {
		return err
	}
	if tag.RowsAffected() == 1 {
		if _, err := tx.Exec(ctx, "UPDATE pages SET visits = visits + 1 WHERE path = $1", v.Page); err != nil {
			return err
		}
	}
	if err := tx.Commit(ctx); err != nil {
		return err
	}
	_, err = queue.DeleteMessage(ctx, *m.MessageID, *m.PopReceipt, nil)
	return err
}
