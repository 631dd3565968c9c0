// Package sha1row writes what users do into a table.
//
// Right although the row key is a UUID: it is version 5, made of the message's id,
// and the same on each delivery. The second insert is refused and taken as done.
//
// Message: {"user":"u-1","verb":"commented","object":"post-9"}
package sha1row

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/google/uuid"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/to"
	"github.com/Azure/azure-sdk-for-go/sdk/data/aztables"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azqueue"
)

var space = uuid.MustParse("5b1f8d5e-3c1c-4f0e-9f77-0d5b0a2f6c11")

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
			return err
		}
		if err := f.insert(ctx, newKey(*m.MessageID), a); err != nil {
			return fmt.Errorf("insert: %w", err)
		}
		if _, err := f.Queue.DeleteMessage(context.WithoutCancel(ctx), *m.MessageID, *m.PopReceipt, nil); err != nil {
			return fmt.Errorf("delete: %w", err)
		}
	}
}

func newKey(message string) string {
	return uuid.NewSHA1(space, []byte(message)).String()
}

func (f *Feed) insert(ctx context.Context, key string, a action) error {
	raw, err := json.Marshal(map[string]any{
		"PartitionKey": a.User,
		"RowKey":       key,
		"Verb":         a.Verb,
		"Object":       a.Object,
	})
	if err != nil {
		return err
	}
	_, err = f.Table.AddEntity(ctx, raw, nil)
	var re *azcore.ResponseError
	if errors.As(err, &re) && re.StatusCode == http.StatusConflict {
		return nil
	}
	return err
}
