// Package pointsmark adds points to accounts.
//
// Right: in the same transaction a row with the message's id is inserted. The second
// delivery's insert is ignored, and it leaves the points alone.
package pointsmark

import (
	"context"
	"database/sql"
	"encoding/json"

	"github.com/Azure/azure-sdk-for-go/sdk/messaging/azservicebus"
)

type award struct {
	Account string
	Points  int
}

// Awards adds points.
type Awards struct{ db *sql.DB }

// Take handles one batch.
func (a *Awards) Take(ctx context.Context, rcv *azservicebus.Receiver) error {
	batch, err := rcv.ReceiveMessages(ctx, 10, nil)
	if err != nil {
		return err
	}
	for _, m := range batch {
		var w award
		if err := json.Unmarshal(m.Body, &w); err != nil {
			return err
		}
		err := inTx(ctx, a.db, func(tx *sql.Tx) error {
			res, err := tx.ExecContext(ctx, "INSERT IGNORE INTO seen_messages (id) VALUES (?)", m.MessageID)
			if err != nil {
				return err
			}
			n, err := res.RowsAffected()
			if err != nil || n == 0 {
				return err
			}
			_, err = tx.ExecContext(ctx, "UPDATE accounts SET points = points + ? WHERE id = ?", w.Points, w.Account)
			return err
		})
		if err != nil {
			return err
		}
		if err := rcv.CompleteMessage(ctx, m, nil); err != nil {
			return err
		}
	}
	return nil
}

func inTx(ctx context.Context, db *sql.DB, work func(*sql.Tx) error) error {
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer tx.Rollback()
	if err := work(tx); err != nil {
		return err
	}
	return tx.Commit()
}
