// Package profile keeps the newest address of each customer.
//
// Right: an upsert by the customer's id that keeps the newer of the two.
package profile

import (
	"context"
	"database/sql"
	"encoding/json"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/storage/azqueue"
)

type address struct {
	Customer string
	Street   string
	Moved    time.Time
}

// Keep handles one message.
func Keep(ctx context.Context, queue *azqueue.QueueClient, db *sql.DB) error {
	resp, err := queue.DequeueMessage(ctx, nil)
	if err != nil || len(resp.Messages) == 0 {
		return err
	}
	m := resp.Messages[0]
	var a address
	if err := json.Unmarshal([]byte(*m.MessageText), &a); err != nil {
		return err
	}
	_, err = db.ExecContext(ctx, `
		INSERT INTO addresses (customer, street, moved) VALUES ($1, $2, $3)
		ON CONFLICT (customer) DO UPDATE SET street = EXCLUDED.street, moved = EXCLUDED.moved
		WHERE addresses.moved < EXCLUDED.moved`, a.Customer, a.Street, a.Moved)
	if err != nil {
		return err
	}
	_, err = queue.DeleteMessage(ctx, *m.MessageID, *m.PopReceipt, nil)
	return err
}
