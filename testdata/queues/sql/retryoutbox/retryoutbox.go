// Package retryoutbox puts what could not be delivered back into the outbox.
//
// Right although the outbox row's id is new each time: the row is made in the transaction
// that takes the delivery out of the state "sending". A second one finds it in another
// state, and makes no row.
package retryoutbox

import (
	"context"
	"database/sql"
	"errors"

	"github.com/Azure/azure-sdk-for-go/sdk/messaging/azservicebus"
	"github.com/google/uuid"
)

var errNotMine = errors.New("somebody else has the delivery")

// Store keeps deliveries.
type Store struct{ db *sql.DB }

// Run puts back what comes.
func (s Store) Run(ctx context.Context, rcv *azservicebus.Receiver) error {
	batch, err := rcv.ReceiveMessages(ctx, 1, nil)
	if err != nil {
		return err
	}
	for _, m := range batch {
		if err := s.again(ctx, string(m.Body)); err != nil && !errors.Is(err, errNotMine) {
			return err
		}
		if err := rcv.CompleteMessage(ctx, m, nil); err != nil {
			return err
		}
	}
	return nil
}

func (s Store) again(ctx context.Context, delivery string) error {
	return s.inTx(ctx, func(tx *sql.Tx) error {
		res, err := tx.ExecContext(ctx, "UPDATE deliveries SET status = 'queued' WHERE id = $1 AND status = 'sending'", delivery)
		if err != nil {
			return err
		}
		if n, err := res.RowsAffected(); err != nil || n != 1 {
			return errors.Join(err, errNotMine)
		}
		_, err = tx.ExecContext(ctx, "INSERT INTO outbox (id, delivery_id, status) VALUES ($1, $2, 'pending')", uuid.NewString(), delivery)
		return err
	})
}

func (s Store) inTx(ctx context.Context, work func(*sql.Tx) error) error {
	tx, err := s.db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer tx.Rollback()
	if err := work(tx); err != nil {
		return err
	}
	return tx.Commit()
}
