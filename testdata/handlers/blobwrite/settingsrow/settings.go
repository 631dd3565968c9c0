// Package settings keeps the settings of users, one immutable row a change.
//
// Right although the partition is a constant and the write unconditional: the
// row key comes from the message, through a generic function.
package settings

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/to"
	"github.com/Azure/azure-sdk-for-go/sdk/data/aztables"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azqueue/v2"
)

// Keyed is what can be kept.
type Keyed interface {
	Key() string
}

// Change is a change of settings.
type Change struct {
	ID       string         `json:"id"`
	Settings map[string]any `json:"settings"`
}

// Key implements Keyed.
func (c Change) Key() string { return "change-" + c.ID }

// Keep puts a value into the row of its key.
func Keep[T Keyed](ctx context.Context, t *aztables.Client, v T) error {
	inner, err := json.Marshal(v)
	if err != nil {
		return err
	}
	entity := aztables.EDMEntity{
		Entity:     aztables.Entity{PartitionKey: "settings", RowKey: v.Key()},
		Properties: map[string]any{"Value": string(inner)},
	}
	row, err := json.Marshal(entity)
	if err != nil {
		return err
	}
	_, err = t.UpsertEntity(ctx, row, nil)
	return err
}

// Consume handles one batch.
func Consume(ctx context.Context, q *azqueue.QueueClient, t *aztables.Client) error {
	resp, err := q.DequeueMessages(ctx, &azqueue.DequeueMessagesOptions{NumberOfMessages: to.Ptr(int32(32))})
	if err != nil {
		return fmt.Errorf("settings: %w", err)
	}
	for _, m := range resp.Messages {
		var c Change
		if err := json.Unmarshal([]byte(*m.MessageText), &c); err != nil {
			slog.Error("settings: unreadable", "message", *m.MessageID, "err", err)
			continue
		}
		if err := Keep(ctx, t, c); err != nil {
			slog.Error("settings: not kept", "change", c.ID, "err", err)
			continue
		}
		if _, err := q.DeleteMessage(ctx, *m.MessageID, *m.PopReceipt, nil); err != nil {
			slog.Error("settings: not deleted", "change", c.ID, "err", err)
		}
	}
	return nil
}
