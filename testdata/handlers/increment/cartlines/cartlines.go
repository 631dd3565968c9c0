// Package cartlines puts articles into baskets that are documents of Cosmos DB.
//
// Right although the list is appended to: each line carries the id of the click it
// comes from, and a line that is in the list already is not appended again; list
// and ids are one document, replaced under the ETag that was read.
//
// Message: {"basket":"k-1","click":"c-77","article":"tea","cents":450}
// Before: item baskets/k-1 contains {"id":"k-1","lines":[]}
package cartlines

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/to"
	"github.com/Azure/azure-sdk-for-go/sdk/data/azcosmos"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azqueue/v2"
)

type line struct {
	Click   string `json:"click"`
	Article string `json:"article"`
	Cents   int    `json:"cents"`
}

type basket struct {
	ID    string `json:"id"`
	Lines []line `json:"lines"`
}

// has says whether the click is in the basket.
func (b *basket) has(click string) bool {
	return slices.ContainsFunc(b.Lines, func(l line) bool { return l.Click == click })
}

// Fill takes articles from the queue and puts them into baskets.
func Fill(ctx context.Context, queue *azqueue.QueueClient, baskets *azcosmos.ContainerClient) error {
	for ctx.Err() == nil {
		resp, err := queue.DequeueMessage(ctx, &azqueue.DequeueMessageOptions{VisibilityTimeout: to.Ptr(int32(60))})
		if err != nil {
			return err
		}
		if len(resp.Messages) == 0 {
			time.Sleep(time.Second)
			continue
		}
		m := resp.Messages[0]
		var p struct {
			Basket string `json:"basket"`
			line
		}
		if err := json.Unmarshal([]byte(*m.MessageText), &p); err != nil {
			return fmt.Errorf("message %s: %w", *m.MessageID, err)
		}
		if err := add(ctx, baskets, p.Basket, p.line); err != nil {
			return err
		}
		if _, err := queue.DeleteMessage(context.WithoutCancel(ctx), *m.MessageID, *m.PopReceipt, nil); err != nil {
			return err
		}
	}
	return ctx.Err()
}

func add(ctx context.Context, baskets *azcosmos.ContainerClient, id string, l line) error {
	key := azcosmos.NewPartitionKeyString(id)
	got, err := baskets.ReadItem(ctx, key, id, nil)
	if err != nil {
		return err
	}
	var b basket
	if err := json.Unmarshal(got.Value, &b); err != nil {
		return err
	}
	if !b.has(l.Click) {
		b.Lines = append(b.Lines, l)
		raw, err := json.Marshal(b)
		if err != nil {
			return err
		}
		if _, err := baskets.ReplaceItem(ctx, key, id, raw, &azcosmos.ItemOptions{IfMatchEtag: &got.ETag}); err != nil {
			return fmt.Errorf("basket %s: %w", id, err)
		}
	}
	return nil
}
