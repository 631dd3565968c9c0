// Package basket puts articles into baskets that are documents of Cosmos DB.
//
// Wrong: the replacement is conditional on the document read, but the line is
// appended without a look whether it is there already. Replaced, answer of the
// delete lost, delivered again: the article lies in the basket twice.
//
// Message: {"basket":"k-1","article":"tea","cents":450}
// Before: item baskets/k-1 contains {"id":"k-1","lines":[]}
package basket

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/to"
	"github.com/Azure/azure-sdk-for-go/sdk/data/azcosmos"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azqueue/v2"
)

type line struct {
	Article string `json:"article"`
	Cents   int    `json:"cents"`
}

type basket struct {
	ID    string `json:"id"`
	Lines []line `json:"lines"`
}

type put struct {
	Basket string `json:"basket"`
	line
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
		var p put
		if err := json.Unmarshal([]byte(*m.MessageText), &p); err != nil {
			return fmt.Errorf("message %s: %w", *m.MessageID, err)
		}
		if err := add(ctx, baskets, p); err != nil {
			return err
		}
		if _, err := queue.DeleteMessage(context.WithoutCancel(ctx), *m.MessageID, *m.PopReceipt, nil); err != nil {
			return err
		}
	}
	return ctx.Err()
}

func add(ctx context.Context, baskets *azcosmos.ContainerClient, p put) error {
	key := azcosmos.NewPartitionKeyString(p.Basket)
	for range 3 {
		got, err := baskets.ReadItem(ctx, key, p.Basket, nil)
		if err != nil {
			return err
		}
		var b basket
		if err := json.Unmarshal(got.Value, &b); err != nil {
			return err
		}
		b.Lines = append(b.Lines, p.line)
		raw, err := json.Marshal(b)
		if err != nil {
			return err
		}
		_, err = baskets.ReplaceItem(ctx, key, p.Basket, raw, &azcosmos.ItemOptions{IfMatchEtag: &got.ETag}) // want `\(increment\)`
		var re *azcore.ResponseError
		if errors.As(err, &re) && re.StatusCode == http.StatusPreconditionFailed {
			continue
		}
		return err
	}
	return fmt.Errorf("basket %s is busy", p.Basket)
}
