// Package carts applies price changes to shopping carts kept in a table.
package carts

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/data/aztables"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azqueue/v2"
)

type cartEntity struct {
	aztables.Entity
	Prices  string
	Applied string
}

type priceChange struct {
	Shop, Cart, SKU string
	Cents           int64
}

// Poll is the whole service: one loop, no helpers.
func Poll(ctx context.Context, in *azqueue.QueueClient, carts *aztables.Client, lg *slog.Logger) error {
	for {
		select {
		case <-ctx.Done():
			return ctx.Err()
		default:
		}
		batch, err := in.DequeueMessage(ctx, nil)
		if err != nil {
			lg.ErrorContext(ctx, "dequeue", "err", err)
			return err
		}
		if len(batch.Messages) == 0 {
			time.Sleep(3 * time.Second)
			continue
		}
		m := batch.Messages[0]

		var ch priceChange
		if err := json.Unmarshal([]byte(*m.MessageText), &ch); err != nil {
			lg.Error("unreadable message, left to the poison sweep", "id", *m.MessageID, "err", err)
			continue
		}
		row, err := carts.GetEntity(ctx, ch.Shop, ch.Cart, nil)
		if err != nil {
			lg.Warn("cart not readable", "cart", ch.Cart, "err", err)
			continue
		}
		var cart cartEntity
		if err := json.Unmarshal(row.Value, &cart); err != nil {
			lg.Error("cart is corrupt", "cart", ch.Cart, "err", err)
			continue
		}
		prices := map[string]int64{}
		if err := json.Unmarshal([]byte(cart.Prices), &prices); err != nil {
			lg.Error("prices are corrupt", "cart", ch.Cart, "err", err)
			continue
		}
		prices[ch.SKU] = ch.Cents
		enc, err := json.Marshal(prices)
		if err != nil {
			return errors.Join(errors.New("encode prices"), err)
		}
		cart.Prices, cart.Applied = string(enc), *m.MessageID
		updated, err := json.Marshal(cart)
		if err != nil {
			return errors.Join(errors.New("encode cart"), err)
		}
		if _, err := carts.UpdateEntity(ctx, updated, nil); err != nil { // want `wildcard.*\(etag\)`
			lg.Warn("cart not written", "cart", ch.Cart, "err", err)
			continue
		}
		if _, err := in.DeleteMessage(ctx, *m.MessageID, *m.PopReceipt, nil); err != nil {
			lg.Warn("message not deleted, it will come back", "id", *m.MessageID, "err", err)
		}
	}
}
