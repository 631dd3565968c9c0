// Package prepared keeps the readings of meters.
//
// Wrong: the statement is prepared once and has no conflict clause; a reading that comes
// twice is there twice.
package prepared

import (
	"context"
	"database/sql"
	"encoding/json"

	"github.com/Azure/azure-sdk-for-go/sdk/storage/azqueue"
)

type reading struct {
	Meter string
	Value float64
}

// Keep handles messages until there are none.
func Keep(ctx context.Context, queue *azqueue.QueueClient, db *sql.DB) error {
	insert, err := db.PrepareContext(ctx, "INSERT INTO readings (meter, value) VALUES (?, ?)")
	if err != nil {
		return err
	}
	defer insert.Close()
	for {
		resp, err := queue.DequeueMessage(ctx, nil)
		if err != nil || len(resp.Messages) == 0 {
			return err
		}
		m := resp.Messages[0]
		var r reading
		if err := json.Unmarshal([]byte(*m.MessageText), &r); err != nil {
			return err
		}
		if _, err := insert.ExecContext(ctx, r.Meter, r.Value); err != nil { // want `inserts into readings without a conflict clause.*\(sideeffect\)`
			return err
		}
		if _, err := queue.DeleteMessage(ctx, *m.MessageID, *m.PopReceipt, nil); err != nil {
			return err
		}
	}
}
