// Package rate keeps the newest rate of each currency.
//
// Right: an upsert by currency and day; the same message writes the same row.
package rate

import (
	"context"
	"encoding/json"

	"github.com/Azure/azure-sdk-for-go/sdk/messaging/azservicebus"
	"github.com/jackc/pgx/v5/pgxpool"
)

type rate struct {
	Currency, Day string
	Micros        int64
}

// Keep handles one batch.
func Keep(ctx context.Context, rcv *azservicebus.Receiver, pool *pgxpool.Pool) error {
	batch, err := rcv.ReceiveMessages(ctx, 20, nil)
	if err != nil {
		return err
	}
	for _, m := range batch {
		var r rate
		if err := json.Unmarshal(m.Body, &r); err != nil {
			return err
		}
		_, err := pool.Exec(ctx, `INSERT INTO rates (currency, day, micros) VALUES ($1, $2, $3)
			ON CONFLICT ON CONSTRAINT rates_pkey DO UPDATE SET micros = excluded.micros`, r.Currency, r.Day, r.Micros)
		if err != nil {
			return err
		}
		if err := rcv.CompleteMessage(ctx, m, nil); err != nil {
			return err
		}
	}
	return nil
}
