// Package orderlines splits an order into rows, one per article, in one transaction.
//
// Wrong: all or nothing, and again all under new keys: each line gets a fresh id, so
// the order that is delivered again after a lost delete has each article twice.
//
// Message: {"order":"o-1","articles":["tea","mug"]}
package orderlines

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/segmentio/ksuid"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/to"
	"github.com/Azure/azure-sdk-for-go/sdk/data/aztables"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azqueue"
)

type order struct {
	Order    string   `json:"order"`
	Articles []string `json:"articles"`
}

type line struct {
	PartitionKey string
	RowKey       string
	Article      string
}

func (o order) lines() []line {
	lines := make([]line, 0, len(o.Articles))
	for _, a := range o.Articles {
		lines = append(lines, line{PartitionKey: o.Order, RowKey: ksuid.New().String(), Article: a})
	}
	return lines
}

// Splitter splits orders.
type Splitter struct {
	Orders *azqueue.QueueClient
	Lines  *aztables.Client
}

// Run splits until ctx ends.
func (s *Splitter) Run(ctx context.Context) error {
	for ctx.Err() == nil {
		resp, err := s.Orders.DequeueMessage(ctx, &azqueue.DequeueMessageOptions{VisibilityTimeout: to.Ptr(int32(60))})
		if err != nil {
			return err
		}
		if len(resp.Messages) == 0 {
			time.Sleep(time.Second)
			continue
		}
		m := resp.Messages[0]
		var o order
		if err := json.Unmarshal([]byte(*m.MessageText), &o); err != nil {
			return err
		}
		if err := s.split(ctx, o); err != nil {
			return fmt.Errorf("order %s: %w", o.Order, err)
		}
		if _, err := s.Orders.DeleteMessage(context.WithoutCancel(ctx), *m.MessageID, *m.PopReceipt, nil); err != nil {
			return err
		}
	}
	return ctx.Err()
}

func (s *Splitter) split(ctx context.Context, o order) error {
	var batch []aztables.TransactionAction
	for _, l := range o.lines() {
		raw, err := json.Marshal(l)
		if err != nil {
			return err
		}
		batch = append(batch, aztables.TransactionAction{ActionType: aztables.TransactionTypeAdd, Entity: raw})
	}
	_, err := s.Lines.SubmitTransaction(ctx, batch, nil) // want `\(freshkey\)`
	return err
}
