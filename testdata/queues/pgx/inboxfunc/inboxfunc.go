// Package inboxfunc keeps the lines of orders.
//
// Right: the message's id goes into the inbox first, in the same transaction. A second
// delivery's insert fails there, and so does the transaction; that it was kept before is
// told apart.
package inboxfunc

import (
	"context"
	"encoding/json"
	"errors"

	"github.com/Azure/azure-sdk-for-go/sdk/messaging/azservicebus"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"
)

type line struct {
	SKU string
	Qty int
}

// Keeper keeps orders.
type Keeper struct{ Pool *pgxpool.Pool }

// Serve keeps what comes.
func (k *Keeper) Serve(ctx context.Context, rcv *azservicebus.Receiver) error {
	for {
		batch, err := rcv.ReceiveMessages(ctx, 1, nil)
		if err != nil {
			return err
		}
		for _, m := range batch {
			var lines []line
			if err := json.Unmarshal(m.Body, &lines); err != nil {
				return err
			}
			if err := k.keep(ctx, m.MessageID, lines); err != nil {
				return err
			}
			if err := rcv.CompleteMessage(ctx, m, nil); err != nil {
				return err
			}
		}
	}
}

func (k *Keeper) keep(ctx context.Context, id string, lines []line) error {
	err := pgx.BeginFunc(ctx, k.Pool, func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, "INSERT INTO inbox (message_id) VALUES ($1)", id); err != nil {
			return err
		}
		for _, l := range lines {
			if _, err := tx.Exec(ctx, "INSERT INTO lines (sku, qty) VALUES ($1, $2)", l.SKU, l.Qty); err != nil {
				return err
			}
		}
		return nil
	})
	var pg *pgconn.PgError
	if errors.As(err, &pg) && pg.Code == "23505" {
		return nil
	}
	return err
}
