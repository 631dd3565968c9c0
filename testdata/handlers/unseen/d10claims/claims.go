// Package claims pays claims out of a customer's budget. The row of the message and the budget, conditioned on the
// version that was read, are one transaction: a message that has its row already does nothing.
package claims

import (
	"context"
	"encoding/json"
	"errors"
	"log"
	"net/http"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/data/aztables"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azqueue"
)

type claim struct {
	Customer string `json:"customer"`
	Cents    int64  `json:"cents"`
}

type budget struct {
	PartitionKey string
	RowKey       string
	Left         int64
}

// Office is where claims are paid.
type Office struct {
	claims *azqueue.QueueClient
	table  *aztables.Client
}

// Open returns an Office.
func Open(claims *azqueue.QueueClient, table *aztables.Client) *Office {
	return &Office{claims: claims, table: table}
}

// Serve handles claims until the context ends.
func (o *Office) Serve(ctx context.Context) {
	for ctx.Err() == nil {
		resp, err := o.claims.DequeueMessage(ctx, nil)
		if err != nil {
			log.Printf("claims: %v", err)
			continue
		}
		for _, m := range resp.Messages {
			if err := o.handle(ctx, m); err != nil {
				log.Printf("claims: %s: %v", *m.MessageID, err)
			}
		}
	}
}

func (o *Office) handle(ctx context.Context, m *azqueue.DequeuedMessage) error {
	var c claim
	if err := json.Unmarshal([]byte(*m.MessageText), &c); err != nil {
		return err
	}
	if err := o.pay(ctx, *m.MessageID, c); err != nil && !errors.Is(err, errPaid) {
		return err
	}
	_, err := o.claims.DeleteMessage(ctx, *m.MessageID, *m.PopReceipt, nil)
	return err
}

var errPaid = errors.New("paid before")

func (o *Office) pay(ctx context.Context, id string, c claim) error {
	got, err := o.table.GetEntity(ctx, c.Customer, "budget", nil)
	if err != nil {
		return err
	}
	var b budget
	if err := json.Unmarshal(got.Value, &b); err != nil {
		return err
	}
	b.Left -= c.Cents // below nought is a debt
	left, err := json.Marshal(b)
	if err != nil {
		return err
	}
	paid, err := json.Marshal(map[string]any{"PartitionKey": c.Customer, "RowKey": "paid-" + id, "Cents": c.Cents})
	if err != nil {
		return err
	}
	_, err = o.table.SubmitTransaction(ctx, []aztables.TransactionAction{
		{ActionType: aztables.TransactionTypeAdd, Entity: paid},
		{ActionType: aztables.TransactionTypeUpdateReplace, Entity: left, IfMatch: &got.ETag},
	}, nil)
	var refused *azcore.ResponseError
	if errors.As(err, &refused) && refused.StatusCode == http.StatusConflict {
		return errPaid
	}
	return err
}
