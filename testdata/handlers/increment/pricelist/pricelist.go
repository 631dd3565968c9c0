// Package pricelist follows the price changes of a supplier.
//
// Right: the row holds the version of the change it reflects, a change that is not
// newer is passed over, and what is written comes from the message, not from the
// old price.
//
// Message: {"sku":"mug","cents":899,"version":4}
// Before: row prices/current/mug contains {"Cents":799,"Version":3}
package pricelist

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log"
	"net/http"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/to"
	"github.com/Azure/azure-sdk-for-go/sdk/data/aztables"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azqueue/v2"
)

type change struct {
	SKU     string `json:"sku"`
	Cents   int    `json:"cents"`
	Version int    `json:"version"`
}

type price struct {
	PartitionKey string
	RowKey       string
	Cents        int
	Version      int
}

// Follower applies changes.
type Follower struct {
	Changes *azqueue.QueueClient
	Prices  *aztables.Client
}

// Run applies changes until ctx ends.
func (f *Follower) Run(ctx context.Context) error {
	for ctx.Err() == nil {
		resp, err := f.Changes.DequeueMessage(ctx, &azqueue.DequeueMessageOptions{VisibilityTimeout: to.Ptr(int32(60))})
		if err != nil {
			return err
		}
		if len(resp.Messages) == 0 {
			time.Sleep(time.Second)
			continue
		}
		msg := resp.Messages[0]
		var c change
		if err := json.Unmarshal([]byte(*msg.MessageText), &c); err != nil {
			return err
		}
		if err := f.apply(ctx, c); err != nil {
			log.Printf("%s v%d not applied yet: %v", c.SKU, c.Version, err)
			continue
		}
		if _, err := f.Changes.DeleteMessage(context.WithoutCancel(ctx), *msg.MessageID, *msg.PopReceipt, nil); err != nil {
			return err
		}
	}
	return ctx.Err()
}

func (f *Follower) apply(ctx context.Context, c change) error {
	for range 3 {
		cur, err := f.Prices.GetEntity(ctx, "current", c.SKU, nil)
		if err != nil {
			return err
		}
		var p price
		if err := json.Unmarshal(cur.Value, &p); err != nil {
			return err
		}
		if c.Version <= p.Version {
			return nil
		}
		p.Cents, p.Version = c.Cents, c.Version
		raw, err := json.Marshal(p)
		if err != nil {
			return err
		}
		_, err = f.Prices.UpdateEntity(ctx, raw, &aztables.UpdateEntityOptions{IfMatch: &cur.ETag, UpdateMode: aztables.UpdateModeReplace})
		var re *azcore.ResponseError
		if errors.As(err, &re) && re.StatusCode == http.StatusPreconditionFailed {
			continue
		}
		return err
	}
	return fmt.Errorf("%s changes too fast", c.SKU)
}
