// Package onceonly keeps the readings of meters.
//
// Right: a reading that is there already is left as it is.
package onceonly

import (
	"context"
	"database/sql"
	"encoding/json"

	"github.com/Azure/azure-sdk-for-go/sdk/storage/azqueue"
)

type reading struct {
	Meter string
	Taken int64
	Value float64
}

const insertReading = `INSERT INTO readings (meter, taken, value)
	VALUES ($1, $2, $3)
	ON CONFLICT (meter, taken) DO NOTHING`

// Keep handles one message.
func Keep(ctx context.Context, queue *azqueue.QueueClient, db *sql.DB) error {
	resp, err := queue.DequeueMessage(ctx, nil)
	if err != nil || len(resp.Messages) == 0 {
		return err
	}
	m := resp.Messages[0]
	var r reading
	if err := json.Unmarshal([]byte(*m.MessageText), &r); err != nil {
		return err
	}
	if _, err := db.ExecContext(ctx, insertReading, r.Meter, r.Taken, r.Value); err != nil {
		return err
	}
	_, err = queue.DeleteMessage(ctx, *m.MessageID, *m.PopReceipt, nil)
	return err
}
