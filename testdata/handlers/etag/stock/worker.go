// Package warehouse books stocktaking results into the article table.
package warehouse

import (
	"context"
	"encoding/json"
	"fmt"
	"log"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/to"
	"github.com/Azure/azure-sdk-for-go/sdk/data/aztables"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azqueue/v2"
)

// StockWorker books one stocktaking result at a time.
type StockWorker struct {
	Queue    *azqueue.QueueClient
	Articles *aztables.Client
	Log      *log.Logger
	Idle     time.Duration
}

type stocktaking struct {
	Site    string         `json:"site"`
	Article string         `json:"article"`
	Shelves map[string]int `json:"shelves"`
}

type article struct {
	aztables.Entity
	Shelves string `json:"Shelves"`
}

// Start runs until the context ends.
func (w *StockWorker) Start(ctx context.Context) {
	for ctx.Err() == nil {
		n, err := w.tick(ctx)
		if err != nil {
			w.Log.Println("stock:", err)
		}
		if n == 0 {
			select {
			case <-ctx.Done():
			case <-time.After(w.Idle):
			}
		}
	}
}

func (w *StockWorker) tick(ctx context.Context) (int, error) {
	res, err := w.Queue.DequeueMessage(ctx, &azqueue.DequeueMessageOptions{VisibilityTimeout: to.Ptr(int32(60))})
	if err != nil {
		return 0, err
	}
	if len(res.Messages) == 0 {
		return 0, nil
	}
	m := res.Messages[0]
	var s stocktaking
	if err := json.Unmarshal([]byte(*m.MessageText), &s); err != nil {
		return 1, fmt.Errorf("message %s: %w", *m.MessageID, err)
	}
	if err := w.book(ctx, s); err != nil {
		return 1, fmt.Errorf("message %s: %w", *m.MessageID, err)
	}
	_, err = w.Queue.DeleteMessage(ctx, *m.MessageID, *m.PopReceipt, nil)
	return 1, err
}

func (w *StockWorker) book(ctx context.Context, s stocktaking) error {
	found, err := w.Articles.GetEntity(ctx, s.Site, s.Article, nil)
	if err != nil {
		return err
	}
	var a article
	if err := json.Unmarshal(found.Value, &a); err != nil {
		return err
	}
	shelves := make(map[string]int)
	if err := json.Unmarshal([]byte(a.Shelves), &shelves); err != nil {
		return err
	}
	for shelf, pieces := range s.Shelves {
		shelves[shelf] = pieces
	}
	text, err := json.Marshal(shelves)
	if err != nil {
		return err
	}
	a.Shelves = string(text)
	entity, err := json.Marshal(a)
	if err != nil {
		return err
	}
	anyVersion := azcore.ETagAny
	opts := new(aztables.UpdateEntityOptions)
	opts.UpdateMode = aztables.UpdateModeMerge
	opts.IfMatch = &anyVersion
	_, err = w.Articles.UpdateEntity(ctx, entity, opts) // want `wildcard.*\(etag\)`
	return err
}
