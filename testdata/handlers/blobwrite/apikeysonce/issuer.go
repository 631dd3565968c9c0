// Package apikeys issues an API key for each order of one.
//
// Right although the key is random: AddEntity succeeds once per order, and
// "already exists" means that an earlier delivery issued the key.
package apikeys

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/data/aztables"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azqueue/v2"
)

type order struct {
	Number   string `json:"number"`
	Customer string `json:"customer"`
}

type storage struct {
	orders *azqueue.QueueClient
	keys   *aztables.Client
}

// IssueAll issues keys until there is no order left.
func IssueAll(ctx context.Context, orders *azqueue.QueueClient, keys *aztables.Client) (issued int, err error) {
	s := storage{orders, keys}
	for {
		resp, err := s.orders.DequeueMessage(ctx, nil)
		if err != nil {
			return issued, fmt.Errorf("apikeys: %w", err)
		}
		if len(resp.Messages) == 0 {
			return issued, nil
		}
		m := resp.Messages[0]
		var o order
		if err := json.Unmarshal([]byte(*m.MessageText), &o); err != nil {
			return issued, fmt.Errorf("apikeys: %s: %w", *m.MessageID, err)
		}
		fresh, err := s.issue(ctx, o)
		if err != nil {
			return issued, fmt.Errorf("apikeys: order %s: %w", o.Number, err)
		}
		slog.Info("order done", "order", o.Number, "issued", fresh)
		if fresh {
			issued++
		}
		if _, err := s.orders.DeleteMessage(ctx, *m.MessageID, *m.PopReceipt, nil); err != nil {
			return issued, fmt.Errorf("apikeys: order %s: %w", o.Number, err)
		}
	}
}

func (s storage) issue(ctx context.Context, o order) (fresh bool, err error) {
	row, err := json.Marshal(map[string]any{
		"PartitionKey": o.Customer,
		"RowKey":       o.Number,
		"Key":          rand.Text(),
	})
	if err != nil {
		return false, err
	}
	_, err = s.keys.AddEntity(ctx, row, nil)
	var re *azcore.ResponseError
	if errors.As(err, &re) && re.ErrorCode == string(aztables.EntityAlreadyExists) {
		return false, nil
	}
	return err == nil, err
}
