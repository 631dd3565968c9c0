// Package booking upserts a row under a random key. The package that makes random ids is
// used elsewhere in the file and stays imported.
package booking

import (
	"context"
	"encoding/json"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/to"
	"github.com/Azure/azure-sdk-for-go/sdk/data/aztables"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azqueue/v2"
	"github.com/google/uuid"
)

// Desk books.
type Desk struct {
	ID    uuid.UUID
	Queue *azqueue.QueueClient
	Rows  *aztables.Client
}

// Poll handles one message.
func (d *Desk) Poll(ctx context.Context) error {
	resp, err := d.Queue.DequeueMessage(ctx, &azqueue.DequeueMessageOptions{VisibilityTimeout: to.Ptr(int32(60))})
	if err != nil || len(resp.Messages) == 0 {
		return err
	}
	if err := d.book(ctx, resp.Messages[0]); err != nil {
		return err
	}
	_, err = d.Queue.DeleteMessage(ctx, *resp.Messages[0].MessageID, *resp.Messages[0].PopReceipt, nil)
	return err
}

func (d *Desk) book(ctx context.Context, m *azqueue.DequeuedMessage) error {
	row, err := json.Marshal(aztables.EDMEntity{
		Entity:     aztables.Entity{PartitionKey: "bookings", RowKey: uuid.New().String()},
		Properties: map[string]any{"Text": *m.MessageText},
	})
	if err != nil {
		return err
	}
	// now: freshkey
	_, err = d.Rows.UpsertEntity(ctx, row, nil)
	return err
}
