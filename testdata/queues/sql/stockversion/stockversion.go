// Package stockversion sets the price of an article to what its newest message says.
//
// Right: the update asks for the version that was read, and the message's own number is
// compared with it first.
package stockversion

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"

	"github.com/Azure/azure-sdk-for-go/sdk/storage/azqueue"
)

type price struct {
	SKU     string
	Cents   int
	Version int64
}

// Set handles one message.
func Set(ctx context.Context, queue *azqueue.QueueClient, db *sql.DB) error {
	resp, err := queue.DequeueMessage(ctx, nil)
	if err != nil || len(resp.Messages) == 0 {
		return err
	}
	m := resp.Messages[0]
	var p price
	if err := json.Unmarshal([]byte(*m.MessageText), &p); err != nil {
		return err
	}
	if err := apply(ctx, db, p); err != nil {
		return err
	}
	_, err = queue.DeleteMessage(ctx, *m.MessageID, *m.PopReceipt, nil)
	return err
}

func apply(ctx context.Context, db *sql.DB, p price) error {
	var stored int64
	if err := db.QueryRowContext(ctx, "SELECT version FROM prices WHERE sku = ?", p.SKU).Scan(&stored); err != nil {
		return err
	}
	if stored >= p.Version {
		return nil // an older message, or this one again
	}
	res, err := db.ExecContext(ctx, "UPDATE prices SET cents = ?, version = ? WHERE sku = ? AND version = ?", p.Cents, p.Version, p.SKU, stored)
	if err != nil {
		return err
	}
	if n, err := res.RowsAffected(); err != nil || n == 0 {
		return errors.Join(err, errors.New("changed meanwhile"))
	}
	return nil
}
