// Package sqlxnamed keeps what machines report.
//
// Right: the report's id, which the machine gave it, is the row's; a second one is
// ignored.
package sqlxnamed

import (
	"context"
	"encoding/json"

	"github.com/Azure/azure-sdk-for-go/sdk/storage/azqueue"
	"github.com/jmoiron/sqlx"
)

type report struct {
	ID      string `db:"id"`
	Machine string `db:"machine"`
	Text    string `db:"text"`
}

// Keep handles one message.
func Keep(ctx context.Context, queue *azqueue.QueueClient, db *sqlx.DB) error {
	resp, err := queue.DequeueMessage(ctx, nil)
	if err != nil || len(resp.Messages) == 0 {
		return err
	}
	m := resp.Messages[0]
	var r report
	if err := json.Unmarshal([]byte(*m.MessageText), &r); err != nil {
		return err
	}
	if _, err := db.NamedExecContext(ctx, `INSERT OR IGNORE INTO reports (id, machine, text) VALUES (:id, :machine, :text)`, &r); err != nil {
		return err
	}
	_, err = queue.DeleteMessage(ctx, *m.MessageID, *m.PopReceipt, nil)
	return err
}
