// Package sqlxnotes keeps notes that customers leave.
//
// Wrong: a named insert without a key of the message.
package sqlxnotes

import (
	"context"
	"encoding/json"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/messaging/azservicebus"
	"github.com/jmoiron/sqlx"
)

type note struct {
	Customer string    `db:"customer" json:"customer"`
	Text     string    `db:"text" json:"text"`
	Left     time.Time `db:"left_at" json:"left"`
}

// Notes is the repository.
type Notes struct{ DB *sqlx.DB }

// Add inserts a note.
func (n Notes) Add(ctx context.Context, x note) error {
	_, err := n.DB.NamedExecContext(ctx, `INSERT INTO notes (customer, text, left_at) VALUES (:customer, :text, :left_at)`, x) // want `inserts into notes without a conflict clause.*\(sideeffect\)`
	return err
}

// Consume keeps what comes.
func Consume(ctx context.Context, rcv *azservicebus.Receiver, notes Notes) error {
	batch, err := rcv.ReceiveMessages(ctx, 10, nil)
	if err != nil {
		return err
	}
	for _, m := range batch {
		var x note
		if err := json.Unmarshal(m.Body, &x); err != nil {
			return err
		}
		if err := notes.Add(ctx, x); err != nil {
			return err
		}
		if err := rcv.CompleteMessage(ctx, m, nil); err != nil {
			return err
		}
	}
	return nil
}
