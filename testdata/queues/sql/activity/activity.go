// Package activity keeps what users did.
//
// Wrong: the table makes its own key, so that the second delivery adds a second row.
package activity

import (
	"context"
	"database/sql"
	"encoding/json"
	"log/slog"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/storage/azqueue"
)

type action struct {
	User string    `json:"user"`
	What string    `json:"what"`
	When time.Time `json:"when"`
}

// Recorder writes actions into a table.
type Recorder struct {
	queue *azqueue.QueueClient
	db    *sql.DB
}

const insertAction = `
	INSERT INTO activities (user_id, what, happened_at)
	VALUES ($1, $2, $3)`

// Poll records one batch.
func (r *Recorder) Poll(ctx context.Context) error {
	n := int32(32)
	resp, err := r.queue.DequeueMessages(ctx, &azqueue.DequeueMessagesOptions{NumberOfMessages: &n})
	if err != nil {
		return err
	}
	for _, m := range resp.Messages {
		if err := r.record(ctx, *m.MessageText); err != nil {
			slog.ErrorContext(ctx, "not recorded", "message", *m.MessageID, "err", err)
			continue
		}
		if _, err := r.queue.DeleteMessage(ctx, *m.MessageID, *m.PopReceipt, nil); err != nil {
			return err
		}
	}
	return nil
}

func (r *Recorder) record(ctx context.Context, text string) error {
	var a action
	if err := json.Unmarshal([]byte(text), &a); err != nil {
		return err
	}
	_, err := r.db.ExecContext(ctx, insertAction, a.User, a.What, a.When) // want `SQL ExecContext inserts into activities without a conflict clause.*\(sideeffect\)`
	return err
}
