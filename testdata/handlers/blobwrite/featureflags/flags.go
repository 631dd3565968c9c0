// Package flags publishes the feature flags of the site: one row for all.
package flags

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"

	"github.com/Azure/azure-sdk-for-go/sdk/data/aztables"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azqueue/v2"
)

const (
	partition = "site"
	flagsRow  = "flags"
)

// Flags is the state of all flags.
type Flags struct {
	Revision int             `json:"revision"`
	On       map[string]bool `json:"on"`
}

// Save puts a value into a row, as JSON.
func Save[T any](ctx context.Context, t *aztables.Client, pk, rk string, v T) error {
	inner, err := json.Marshal(v)
	if err != nil {
		return fmt.Errorf("encode %T: %w", v, err)
	}
	row, err := json.Marshal(map[string]any{"PartitionKey": pk, "RowKey": rk, "Value": string(inner)})
	if err != nil {
		return fmt.Errorf("encode row of %T: %w", v, err)
	}
	if _, err := t.UpsertEntity(ctx, row, &aztables.UpsertEntityOptions{UpdateMode: aztables.UpdateModeReplace}); err != nil { // want `key that several messages share.*\(blobwrite\)`
		return fmt.Errorf("save %T: %w", v, err)
	}
	return nil
}

// Parse reads a value off a message.
func Parse[T any](m *azqueue.DequeuedMessage) (T, error) {
	var v T
	err := json.Unmarshal([]byte(*m.MessageText), &v)
	return v, err
}

// Publish handles at most one change.
func Publish(ctx context.Context, changes *azqueue.QueueClient, settings *aztables.Client) error {
	resp, err := changes.DequeueMessage(ctx, nil)
	if err != nil {
		return fmt.Errorf("flags: %w", err)
	}
	for _, m := range resp.Messages {
		f, err := Parse[Flags](m)
		if err != nil {
			return fmt.Errorf("flags: message %s: %w", *m.MessageID, err)
		}
		if err := Save(ctx, settings, partition, flagsRow, f); err != nil {
			return fmt.Errorf("flags: %w", err)
		}
		slog.Info("flags published", "revision", f.Revision)
		if _, err := changes.DeleteMessage(ctx, *m.MessageID, *m.PopReceipt, nil); err != nil {
			return fmt.Errorf("flags: delete: %w", err)
		}
	}
	return nil
}
