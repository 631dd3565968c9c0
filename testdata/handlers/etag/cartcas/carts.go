// Package carts applies price changes to shopping carts kept in a table.
//
// Right although it reads, changes and writes the same row: UpdateEntity carries
// the ETag of the very GetEntity the new content was computed from, and a refusal
// (412) leaves the message, so that the next delivery starts from a new read.
package carts

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/data/aztables"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azqueue/v2"
)

type row struct {
	aztables.Entity
	Prices string
}

type change struct {
	Shop  string `json:"shop"`
	Cart  string `json:"cart"`
	SKU   string `json:"sku"`
	Cents int64  `json:"cents"`
}

// Consume empties the queue once and returns how many messages it settled.
func Consume(ctx context.Context, in *azqueue.QueueClient, table *aztables.Client) (int, error) {
	done := 0
	for {
		got, err := in.DequeueMessage(ctx, nil)
		if err != nil {
			return done, fmt.Errorf("carts: dequeue: %w", err)
		}
		if len(got.Messages) == 0 {
			return done, nil
		}
		m := got.Messages[0]
		if err := handle(ctx, table, *m.MessageText); err != nil {
			slog.Warn("price change failed, will be retried", "id", *m.MessageID, "err", err)
			continue
		}
		if err := settle(ctx, in, *m.MessageID, *m.PopReceipt); err != nil {
			return done, err
		}
		done++
	}
}

func handle(ctx context.Context, table *aztables.Client, body string) error {
	var c change
	if err := json.Unmarshal([]byte(body), &c); err != nil {
		return fmt.Errorf("decode: %w", err)
	}
	current, err := table.GetEntity(ctx, c.Shop, c.Cart, nil)
	if err != nil {
		return fmt.Errorf("get cart %s: %w", c.Cart, err)
	}
	next, err := reprice(current.Value, c)
	if err != nil {
		return err
	}
	_, err = table.UpdateEntity(ctx, next, &aztables.UpdateEntityOptions{
		IfMatch:    &current.ETag,
		UpdateMode: aztables.UpdateModeReplace,
	})
	if err != nil {
		return fmt.Errorf("update cart %s: %w", c.Cart, err)
	}
	return nil
}

func reprice(raw []byte, c change) ([]byte, error) {
	var r row
	if err := json.Unmarshal(raw, &r); err != nil {
		return nil, fmt.Errorf("cart: %w", err)
	}
	prices := map[string]int64{}
	if err := json.Unmarshal([]byte(r.Prices), &prices); err != nil {
		return nil, fmt.Errorf("prices: %w", err)
	}
	prices[c.SKU] = c.Cents
	enc, err := json.Marshal(prices)
	if err != nil {
		return nil, err
	}
	r.Prices = string(enc)
	return json.Marshal(r)
}

func settle(ctx context.Context, in *azqueue.QueueClient, id, receipt string) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
	defer cancel()
	if _, err := in.DeleteMessage(ctx, id, receipt, nil); err != nil {
		return fmt.Errorf("carts: delete %s: %w", id, err)
	}
	return nil
}
