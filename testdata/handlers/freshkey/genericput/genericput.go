// Package genericput records meter readings through a generic repository.
//
// Wrong: the repository fills in an id where the entity has none, and the handler
// gives none. R E(id 1) L(S) T R E(id 2): the reading is recorded twice.
//
// Message: {"meter":"m-1","wh":15400}
package genericput

import (
	"context"
	"encoding/json"
	"fmt"
	"strconv"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/to"
	"github.com/Azure/azure-sdk-for-go/sdk/data/aztables"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azqueue/v2"
)

// Keys are the keys of a row.
type Keys struct {
	PartitionKey string `json:"PartitionKey"`
	RowKey       string `json:"RowKey"`
}

func (k *Keys) keys() *Keys { return k }

type keyed[T any] interface {
	*T
	keys() *Keys
}

type repository[T any, P keyed[T]] struct {
	table *aztables.Client
}

// insert adds a row, under a key of its own unless it has one.
func (r repository[T, P]) insert(ctx context.Context, row T) error {
	if k := P(&row).keys(); k.RowKey == "" {
		k.RowKey = strconv.FormatInt(time.Now().UnixNano(), 36)
	}
	raw, err := json.Marshal(row)
	if err != nil {
		return err
	}
	_, err = r.table.AddEntity(ctx, raw, nil) // miss `\(freshkey\)`
	return err
}

type reading struct {
	Keys
	WH int `json:"WH"`
}

// Run records readings until ctx ends.
func Run(ctx context.Context, queue *azqueue.QueueClient, table *aztables.Client) error {
	readings := repository[reading, *reading]{table}
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
		var in struct {
			Meter string `json:"meter"`
			WH    int    `json:"wh"`
		}
		if err := json.Unmarshal([]byte(*m.MessageText), &in); err != nil {
			return fmt.Errorf("message %s: %w", *m.MessageID, err)
		}
		if err := readings.insert(ctx, reading{Keys{PartitionKey: in.Meter}, in.WH}); err != nil {
			return err
		}
		if _, err := queue.DeleteMessage(context.WithoutCancel(ctx), *m.MessageID, *m.PopReceipt, nil); err != nil {
			return err
		}
	}
	return ctx.Err()
}
