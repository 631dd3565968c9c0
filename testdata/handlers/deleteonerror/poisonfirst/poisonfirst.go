// Package poisonfirst registers births.
//
// Right: in the error arm, too, the message is deleted, but only once it stands in the poison queue; when that fails
// as well, it stays where it is.
//
// Message: {"child":"ki-7","name":"Eva"}
package poisonfirst

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/to"
	"github.com/Azure/azure-sdk-for-go/sdk/data/aztables"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azqueue/v2"
)

// Registrar registers.
type Registrar struct {
	Births   *azqueue.QueueClient
	Poison   *azqueue.QueueClient
	Children *aztables.Client
}

// Register registers the next child.
func (r *Registrar) Register(ctx context.Context) error {
	got, err := r.Births.DequeueMessage(ctx, &azqueue.DequeueMessageOptions{VisibilityTimeout: to.Ptr(int32(60))})
	if err != nil {
		return fmt.Errorf("births: %w", err)
	}
	for _, m := range got.Messages {
		if err := r.write(ctx, *m.MessageText); err != nil {
			slog.ErrorContext(ctx, "not registered", "id", *m.MessageID, "err", err)
			if _, err := r.Poison.EnqueueMessage(ctx, *m.MessageText, &azqueue.EnqueueMessageOptions{TimeToLive: to.Ptr(int32(-1))}); err != nil {
				return fmt.Errorf("poison %s: %w", *m.MessageID, err)
			}
		}
		if err := r.remove(ctx, m); err != nil {
			return fmt.Errorf("delete %s: %w", *m.MessageID, err)
		}
	}
	return nil
}

func (r *Registrar) write(ctx context.Context, text string) error {
	var c struct{ Child, Name string }
	if err := json.Unmarshal([]byte(text), &c); err != nil {
		return err
	}
	row, err := json.Marshal(map[string]string{"PartitionKey": "children", "RowKey": c.Child, "Name": c.Name})
	if err != nil {
		return err
	}
	_, err = r.Children.UpsertEntity(ctx, row, nil)
	return err
}

func (r *Registrar) remove(ctx context.Context, m *azqueue.DequeuedMessage) error {
	_, err := r.Births.DeleteMessage(ctx, *m.MessageID, *m.PopReceipt, nil)
	return err
}
