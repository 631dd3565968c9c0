// Package swallowed marks orders as paid.
//
// Wrong: where the update fails, the message is deleted all the same.
package swallowed

import (
	"context"
	"database/sql"
	"log"

	"github.com/Azure/azure-sdk-for-go/sdk/storage/azqueue"
)

// Paid handles one message: the number of an order.
func Paid(ctx context.Context, queue *azqueue.QueueClient, db *sql.DB) error {
	resp, err := queue.DequeueMessage(ctx, nil)
	if err != nil || len(resp.Messages) == 0 {
		return err
	}
	m := resp.Messages[0]
	if _, err := db.ExecContext(ctx, "UPDATE orders SET status = 'paid' WHERE number = ?", *m.MessageText); err != nil {
		log.Printf("order %s: %v", *m.MessageText, err)
	}
	_, err = queue.DeleteMessage(ctx, *m.MessageID, *m.PopReceipt, nil) // want `settled although the work failed.*\(deleteonerror\)`
	return err
}
