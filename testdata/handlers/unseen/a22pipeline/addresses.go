// Package pipeline keeps the addresses of customers.
//
// Right: a middleware settles in a deferred closure, by functions that travel with the message.
package pipeline

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"

	"github.com/Azure/azure-sdk-for-go/sdk/data/aztables"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azqueue/v2"
)

// Address is where a customer lives from a day on.
type Address struct {
	Customer string `json:"customer"`
	From     string `json:"from"`
	Street   string `json:"street"`
	City     string `json:"city"`
}

var errUnreadable = errors.New("unreadable")

// Keeper keeps addresses.
type Keeper struct {
	table *aztables.Client
}

func (k *Keeper) keep(ctx context.Context, e *Envelope[Address]) error {
	if !e.decodeOK {
		return errUnreadable
	}
	if e.Value.Street == "" && e.Value.City == "" {
		return nil // nothing to keep
	}
	row, err := json.Marshal(map[string]string{
		"PartitionKey": e.Value.Customer,
		"RowKey":       e.ID,
		"From":         e.Value.From,
		"Street":       e.Value.Street,
		"City":         e.Value.City,
	})
	if err != nil {
		return err
	}
	_, err = k.table.UpsertEntity(ctx, row, nil)
	return err
}

// Serve keeps addresses until the context ends.
func Serve(ctx context.Context, queue, poison *azqueue.QueueClient, table *aztables.Client, log *slog.Logger) error {
	k := &Keeper{table: table}
	src := &Source[Address]{queue: queue, poison: poison, max: 5}
	return src.Run(ctx, Chain(k.keep, Settle[Address](log), Logged[Address](log), Recover[Address]()))
}
