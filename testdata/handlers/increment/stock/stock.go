// Package stock takes sold pieces off the shelf, through a repository.
//
// Wrong: the merge is conditional on the ETag read, and still relative: after a
// lost delete the same sale takes its pieces off a second time.
//
// Message: {"shop":"s1","sku":"mug","qty":2}
// Before: row stock/s1/mug contains {"OnHand":10}
package stock

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/data/aztables"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azqueue/v2"
)

type item struct {
	Shop, SKU string
	OnHand    int32
	version   azcore.ETag
}

type repository interface {
	Find(ctx context.Context, shop, sku string) (*item, error)
	Save(ctx context.Context, it *item) error
}

type tableRepository struct{ table *aztables.Client }

func (r tableRepository) Find(ctx context.Context, shop, sku string) (*item, error) {
	resp, err := r.table.GetEntity(ctx, shop, sku, nil)
	if err != nil {
		return nil, fmt.Errorf("find %s/%s: %w", shop, sku, err)
	}
	var e aztables.EDMEntity
	if err := json.Unmarshal(resp.Value, &e); err != nil {
		return nil, err
	}
	onHand, ok := e.Properties["OnHand"].(int32)
	if !ok {
		return nil, fmt.Errorf("%s/%s: OnHand is %T", shop, sku, e.Properties["OnHand"])
	}
	return &item{Shop: shop, SKU: sku, OnHand: onHand, version: resp.ETag}, nil
}

func (r tableRepository) Save(ctx context.Context, it *item) error {
	e := aztables.EDMEntity{
		Entity:     aztables.Entity{PartitionKey: it.Shop, RowKey: it.SKU},
		Properties: map[string]any{"OnHand": it.OnHand},
	}
	raw, err := json.Marshal(e)
	if err != nil {
		return err
	}
	opts := &aztables.UpdateEntityOptions{IfMatch: &it.version, UpdateMode: aztables.UpdateModeMerge}
	if _, err := r.table.UpdateEntity(ctx, raw, opts); err != nil { // want `\(increment\)`
		return fmt.Errorf("save %s/%s: %w", it.Shop, it.SKU, err)
	}
	return nil
}

type sale struct {
	Shop string `json:"shop"`
	SKU  string `json:"sku"`
	Qty  int32  `json:"qty"`
}

type seller struct{ repo repository }

func (s seller) sell(ctx context.Context, text string) error {
	var sold sale
	if err := json.Unmarshal([]byte(text), &sold); err != nil {
		return err
	}
	it, err := s.repo.Find(ctx, sold.Shop, sold.SKU)
	if err != nil {
		return err
	}
	if it.OnHand < sold.Qty {
		return fmt.Errorf("%s: %d left, %d wanted", sold.SKU, it.OnHand, sold.Qty)
	}
	it.OnHand -= sold.Qty
	return s.repo.Save(ctx, it)
}

// Drain handles messages until the queue is empty.
func Drain(ctx context.Context, sales *azqueue.QueueClient, table *aztables.Client) error {
	s := seller{repo: tableRepository{table}}
	for {
		resp, err := sales.DequeueMessage(ctx, nil)
		if err != nil {
			return err
		}
		if len(resp.Messages) == 0 {
			return nil
		}
		m := resp.Messages[0]
		if err := s.sell(ctx, *m.MessageText); err != nil {
			return err
		}
		settling, cancel := context.WithTimeout(context.Background(), 5*time.Second)
		_, err = sales.DeleteMessage(settling, *m.MessageID, *m.PopReceipt, nil)
		cancel()
		if err != nil {
			return err
		}
	}
}
