// Package orderlines keeps the lines of orders.
//
// Wrong although it is one transaction: nothing in it tells that the order was kept
// before.
package orderlines

import (
	"context"
	"encoding/json"

	"github.com/Azure/azure-sdk-for-go/sdk/messaging/azservicebus"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
)

type order struct {
	Customer string
	Lines    []struct {
		SKU string
		Qty int
	}
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
			var o order
			if err := json.Unmarshal(m.Body, &o); err != nil {
				return err
			}
			if err := k.keep(ctx, o); err != nil {
				return err
			}
			if err := rcv.CompleteMessage(ctx, m, nil); err != nil {
				return err
			}
		}
	}
}

func (k *Keeper) keep(ctx context.Context, o order) error {
	return pgx.BeginFunc(ctx, k.Pool, func(tx pgx.Tx) error {
		for _, l := range o.Lines {
			if _, err := tx.Exec(ctx, "INSERT INTO lines (customer, sku, qty) VALUES ($1, $2, $3)", o.Customer, l.SKU, l.Qty); err != nil { // want `inserts into lines without a conflict clause.*\(sideeffect\)`
				return err
			}
		}
		return nil
	})
}
