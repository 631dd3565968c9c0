// Package dispatch files transport orders by priority.
package dispatch

import (
	"context"
	"encoding/json"
	"errors"
	"os"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/data/aztables"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azqueue/v2"
)

type row struct {
	PartitionKey string
	RowKey       string
	Payload      string
}

// Dispatcher owns both tables.
type Dispatcher struct {
	in       *azqueue.QueueClient
	express  *aztables.Client
	standard *aztables.Client
}

// NewDispatcher connects with the account's connection string.
func NewDispatcher() (*Dispatcher, error) {
	conn, ok := os.LookupEnv("DISPATCH_STORAGE")
	if !ok {
		return nil, errors.New("DISPATCH_STORAGE is not set")
	}
	in, err := azqueue.NewQueueClientFromConnectionString(conn, "transport", nil)
	if err != nil {
		return nil, err
	}
	tables, err := aztables.NewServiceClientFromConnectionString(conn, nil)
	if err != nil {
		return nil, err
	}
	return &Dispatcher{in: in, express: tables.NewClient("express"), standard: tables.NewClient("standard")}, nil
}

// Step takes one message; the caller repeats it.
func (d *Dispatcher) Step(ctx context.Context) error {
	got, err := d.in.DequeueMessage(ctx, nil)
	if err != nil {
		return err
	}
	if len(got.Messages) == 0 {
		time.Sleep(time.Second)
		return nil
	}
	m := got.Messages[0]
	var order struct {
		Region  string `json:"region"`
		Express bool   `json:"express"`
	}
	if err := json.Unmarshal([]byte(*m.MessageText), &order); err != nil {
		return err
	}
	ent, err := json.Marshal(row{PartitionKey: order.Region, RowKey: *m.MessageID, Payload: *m.MessageText})
	if err != nil {
		return err
	}
	if order.Express {
		if _, err := d.express.UpsertEntity(ctx, ent, nil); err != nil {
			return err
		}
		if _, err := d.in.DeleteMessage(ctx, *m.MessageID, *m.PopReceipt, nil); err != nil {
			return err
		}
	} else {
		if _, err := d.standard.UpsertEntity(ctx, ent, nil); err != nil {
			return err
		}
	}
	return nil // want `work succeeded.*unsettled.*\(missingdelete\)`
}
