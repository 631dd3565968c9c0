// Package activity writes what users do into a table, newest first.
//
// Wrong: the row key is the time at which the row is written, turned round. Each
// delivery has another time: R E(k1) L(S) T R E(k2), and the feed shows the same
// comment twice.
//
// Message: {"user":"u-1","verb":"commented","object":"post-9"}
package activity

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"math"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/to"
	"github.com/Azure/azure-sdk-for-go/sdk/data/aztables"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azqueue"
)

type action struct {
	User   string `json:"user"`
	Verb   string `json:"verb"`
	Object string `json:"object"`
}

// Feed keeps the feeds of all users.
type Feed struct {
	Queue *azqueue.QueueClient
	Table *aztables.Client
}

// Run writes until the queue fails.
func (f *Feed) Run(ctx context.Context) error {
	for {
		resp, err := f.Queue.DequeueMessage(ctx, &azqueue.DequeueMessageOptions{VisibilityTimeout: to.Ptr(int32(45))})
		if err != nil {
			return err
		}
		if len(resp.Messages) == 0 {
			time.Sleep(time.Second)
			continue
		}
		m := resp.Messages[0]
		var a action
		if err := json.Unmarshal([]byte(*m.MessageText), &a); err != nil {
			slog.Error("not an action", "message", *m.MessageID, "err", err)
			return err
		}
		if err := f.insert(ctx, a); err != nil {
			return fmt.Errorf("insert: %w", err)
		}
		if _, err := f.Queue.DeleteMessage(context.WithoutCancel(ctx), *m.MessageID, *m.PopReceipt, nil); err != nil {
			return fmt.Errorf("delete: %w", err)
		}
	}
}

func (f *Feed) insert(ctx context.Context, a action) error {
	row := map[string]any{
		"PartitionKey": a.User,
		"RowKey":       newestFirst(),
		"Verb":         a.Verb,
		"Object":       a.Object,
	}
	raw, err := json.Marshal(row)
	if err != nil {
		return err
	}
	_, err = f.Table.AddEntity(ctx, raw, nil) // want `\(freshkey\)`
	return err
}

func newestFirst() string {
	return fmt.Sprintf("%019d", math.MaxInt64-time.Now().UnixNano())
}
