// Package poisonlost stores lab results; what fails too often goes to the poison queue.
//
// Wrong: the enqueue to the poison queue can fail, is only logged then, and the message is deleted all the same: the
// result is in neither queue. (Everything below the cap is right.)
//
// Message: {"sample":"sa-31","value":"negative"}
package poisonlost

import (
	"context"
	"encoding/json"
	"fmt"
	"log"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/to"
	"github.com/Azure/azure-sdk-for-go/sdk/data/aztables"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azqueue"
)

const limit = 1 // the clients have retried already

// Lab stores results.
type Lab struct {
	Results *azqueue.QueueClient
	Poison  *azqueue.QueueClient
	Table   *aztables.Client
}

// Next stores the next result.
func (l *Lab) Next(ctx context.Context) error {
	r, err := l.Results.DequeueMessage(ctx, &azqueue.DequeueMessageOptions{VisibilityTimeout: to.Ptr(int32(30))})
	if err != nil || len(r.Messages) == 0 {
		return err
	}
	m := r.Messages[0]
	if *m.DequeueCount > limit {
		return l.reject(ctx, m)
	}
	if err := l.store(ctx, *m.MessageText); err != nil {
		return fmt.Errorf("result %s: %w", *m.MessageID, err)
	}
	_, err = l.Results.DeleteMessage(ctx, *m.MessageID, *m.PopReceipt, nil)
	return err
}

func (l *Lab) reject(ctx context.Context, m *azqueue.DequeuedMessage) error {
	if _, err := l.Poison.EnqueueMessage(ctx, *m.MessageText, nil); err != nil {
		log.Printf("poison queue: %v", err)
	}
	_, err := l.Results.DeleteMessage(ctx, *m.MessageID, *m.PopReceipt, nil) // want `\(deleteonerror\)`
	return err
}

func (l *Lab) store(ctx context.Context, text string) error {
	var s struct{ Sample, Value string }
	if err := json.Unmarshal([]byte(text), &s); err != nil {
		return err
	}
	row, err := json.Marshal(map[string]string{"PartitionKey": "results", "RowKey": s.Sample, "Value": s.Value})
	if err != nil {
		return err
	}
	_, err = l.Table.UpsertEntity(ctx, row, nil)
	return err
}
