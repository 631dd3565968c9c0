// Package badjson stores orders; texts that are no orders are kept for the sender to look at.
//
// Right: what cannot be parsed now never can be: it is recorded under the message's id, and deleted when the record
// stands. Errors of the store keep the message.
//
// Message: {"order":"o-1","amount":3}
package badjson

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/to"
	"github.com/Azure/azure-sdk-for-go/sdk/data/aztables"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azqueue"
)

// Intake stores orders.
type Intake struct {
	Queue    *azqueue.QueueClient
	Orders   *aztables.Client
	Rejected *aztables.Client
}

// Take takes the next order.
func (i *Intake) Take(ctx context.Context) error {
	r, err := i.Queue.DequeueMessage(ctx, &azqueue.DequeueMessageOptions{VisibilityTimeout: to.Ptr(int32(60))})
	if err != nil || len(r.Messages) == 0 {
		return err
	}
	m := r.Messages[0]
	var o struct {
		Order  string `json:"order"`
		Amount int    `json:"amount"`
	}
	if err := json.Unmarshal([]byte(*m.MessageText), &o); err != nil {
		rejected := map[string]string{"PartitionKey": "orders", "RowKey": *m.MessageID, "Text": *m.MessageText, "Reason": err.Error()}
		if err := upsert(ctx, i.Rejected, rejected); err != nil {
			return fmt.Errorf("reject %s: %w", *m.MessageID, err)
		}
		_, err = i.Queue.DeleteMessage(ctx, *m.MessageID, *m.PopReceipt, nil)
		return err
	}
	if err := upsert(ctx, i.Orders, map[string]any{"PartitionKey": "orders", "RowKey": o.Order, "Amount": o.Amount}); err != nil {
		return fmt.Errorf("order %s: %w", o.Order, err)
	}
	_, err = i.Queue.DeleteMessage(ctx, *m.MessageID, *m.PopReceipt, nil)
	return err
}

func upsert(ctx context.Context, table *aztables.Client, entity any) error {
	row, err := json.Marshal(entity)
	if err != nil {
		return err
	}
	_, err = table.UpsertEntity(ctx, row, nil)
	return err
}
