// Package queries keeps devices. Its queries are generated.
//
// The device is upserted by its serial number, which is right. The swap has no key of the
// message, which is wrong.
package queries

import (
	"context"
	"encoding/json"

	"github.com/Azure/azure-sdk-for-go/sdk/storage/azqueue"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"
)

// DBTX is a pool, a connection or a transaction.
type DBTX interface {
	Exec(context.Context, string, ...any) (pgconn.CommandTag, error)
	QueryRow(context.Context, string, ...any) pgx.Row
}

// Queries are the generated queries.
type Queries struct{ db DBTX }

// New makes them.
func New(db DBTX) *Queries { return &Queries{db: db} }

const upsertDevice = `-- name: UpsertDevice :exec
INSERT INTO devices (serial, model, firmware) VALUES ($1, $2, $3)
ON CONFLICT (serial) DO UPDATE SET model = EXCLUDED.model, firmware = EXCLUDED.firmware
`

// UpsertDeviceParams are the parameters of UpsertDevice.
type UpsertDeviceParams struct{ Serial, Model, Firmware string }

// UpsertDevice adds or replaces a device.
func (q *Queries) UpsertDevice(ctx context.Context, arg UpsertDeviceParams) error {
	_, err := q.db.Exec(ctx, upsertDevice, arg.Serial, arg.Model, arg.Firmware)
	return err
}

const addSwap = `-- name: AddSwap :exec
INSERT INTO swaps (serial, old_part, new_part) VALUES ($1, $2, $3)
`

// AddSwap adds a swap.
func (q *Queries) AddSwap(ctx context.Context, serial, oldPart, newPart string) error {
	_, err := q.db.Exec(ctx, addSwap, serial, oldPart, newPart) // want `inserts into swaps without a conflict clause.*\(sideeffect\)`
	return err
}

type report struct {
	Device    UpsertDeviceParams
	Old, Part string
}

// Serve handles one message.
func Serve(ctx context.Context, queue *azqueue.QueueClient, pool *pgxpool.Pool) error {
	resp, err := queue.DequeueMessage(ctx, nil)
	if err != nil || len(resp.Messages) == 0 {
		return err
	}
	m := resp.Messages[0]
	var r report
	if err := json.Unmarshal([]byte(*m.MessageText), &r); err != nil {
		return err
	}
	q := New(pool)
	if err := q.UpsertDevice(ctx, r.Device); err != nil {
		return err
	}
	if r.Part != "" {
		if err := q.AddSwap(ctx, r.Device.Serial, r.Old, r.Part); err != nil {
			return err
		}
	}
	_, err = queue.DeleteMessage(ctx, *m.MessageID, *m.PopReceipt, nil)
	return err
}
