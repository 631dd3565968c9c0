// Package rowpersale writes one row for each sale, for the accountants to add up.
//
// Right: the row is inserted under the id of its message; a second insert is
// refused, and the refusal is taken for what it is.
//
// Message: {"day":"2026-03-01","till":"t2","cents":1999}
package rowpersale

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/to"
	"github.com/Azure/azure-sdk-for-go/sdk/data/aztables"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azqueue/v2"
)

type sale struct {
	Day   string `json:"day"`
	Till  string `json:"till"`
	Cents int    `json:"cents"`
}

type book interface {
	Append(ctx context.Context, id string, s sale) error
}

type tableBook struct{ *aztables.Client }

func (b tableBook) Append(ctx context.Context, id string, s sale) error {
	row := aztables.EDMEntity{
		Entity:     aztables.Entity{PartitionKey: s.Day, RowKey: id},
		Properties: map[string]any{"Till": s.Till, "Cents": int32(s.Cents)},
	}
	raw, err := json.Marshal(row)
	if err != nil {
		return err
	}
	_, err = b.AddEntity(ctx, raw, nil)
	var re *azcore.ResponseError
	if errors.As(err, &re) && re.ErrorCode == string(aztables.EntityAlreadyExists) {
		slog.Info("sale is in the book already", "id", id)
		return nil
	}
	return err
}

// Keeper writes sales into a book.
type Keeper struct {
	Sales *azqueue.QueueClient
	Table *aztables.Client
}

// Run writes until ctx ends.
func (k *Keeper) Run(ctx context.Context) error {
	var b book = tableBook{k.Table}
	for ctx.Err() == nil {
		resp, err := k.Sales.DequeueMessage(ctx, &azqueue.DequeueMessageOptions{VisibilityTimeout: to.Ptr(int32(60))})
		if err != nil {
			return err
		}
		if len(resp.Messages) == 0 {
			time.Sleep(time.Second)
			continue
		}
		m := resp.Messages[0]
		var s sale
		if err := json.Unmarshal([]byte(*m.MessageText), &s); err != nil {
			return err
		}
		if err := b.Append(ctx, *m.MessageID, s); err != nil {
			return err
		}
		if _, err := k.Sales.DeleteMessage(context.WithoutCancel(ctx), *m.MessageID, *m.PopReceipt, nil); err != nil {
			return err
		}
	}
	return ctx.Err()
}
