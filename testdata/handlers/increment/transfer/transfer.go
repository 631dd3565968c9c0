// Package transfer moves money between two pots of one household.
//
// Wrong: both rows change in one transaction, each under its ETag, so no cent is
// lost on the way; but the transaction holds no row that says which transfer it
// was. After a crash before the delete it is done a second time.
//
// Message: {"house":"h1","from":"food","to":"fun","cents":300}
// Before: row pots/h1/food contains {"Cents":1000}
// Before: row pots/h1/fun contains {"Cents":0}
package transfer

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/to"
	"github.com/Azure/azure-sdk-for-go/sdk/data/aztables"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azqueue"
)

type order struct {
	House string `json:"house"`
	From  string `json:"from"`
	To    string `json:"to"`
	Cents int    `json:"cents"`
}

type pot struct {
	PartitionKey string
	RowKey       string
	Cents        int
	etag         azcore.ETag
}

// Clerk carries out transfers.
type Clerk struct {
	In   *azqueue.QueueClient
	Pots *aztables.Client
}

// Step carries out at most one transfer.
func (c *Clerk) Step(ctx context.Context) error {
	resp, err := c.In.DequeueMessage(ctx, &azqueue.DequeueMessageOptions{VisibilityTimeout: to.Ptr(int32(60))})
	if err != nil || len(resp.Messages) == 0 {
		return err
	}
	m := resp.Messages[0]
	var o order
	if err := json.Unmarshal([]byte(*m.MessageText), &o); err != nil {
		return err
	}
	if err := c.move(ctx, o); err != nil {
		return fmt.Errorf("transfer %s: %w", *m.MessageID, err)
	}
	settle, cancel := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
	defer cancel()
	_, err = c.In.DeleteMessage(settle, *m.MessageID, *m.PopReceipt, nil)
	return err
}

func (c *Clerk) move(ctx context.Context, o order) error {
	from, err := c.pot(ctx, o.House, o.From)
	if err != nil {
		return err
	}
	dest, err := c.pot(ctx, o.House, o.To)
	if err != nil {
		return err
	}
	from.Cents -= o.Cents
	dest.Cents += o.Cents
	var actions []aztables.TransactionAction
	for _, p := range []*pot{from, dest} {
		raw, err := json.Marshal(p)
		if err != nil {
			return err
		}
		actions = append(actions, aztables.TransactionAction{ActionType: aztables.TransactionTypeUpdateReplace, Entity: raw, IfMatch: &p.etag})
	}
	_, err = c.Pots.SubmitTransaction(ctx, actions, nil) // want `\(increment\)`
	return err
}

func (c *Clerk) pot(ctx context.Context, house, name string) (*pot, error) {
	resp, err := c.Pots.GetEntity(ctx, house, name, nil)
	if err != nil {
		return nil, err
	}
	p := &pot{etag: resp.ETag}
	return p, json.Unmarshal(resp.Value, p)
}
