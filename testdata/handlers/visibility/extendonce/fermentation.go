// Package fermentation waits for a tank to settle.
//
// Right: the message is received for 30 s, looked at, and then hidden for ten minutes before eight minutes of
// waiting begin; the delete uses the receipt of that renewal.
package fermentation

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/to"
	"github.com/Azure/azure-sdk-for-go/sdk/data/aztables"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azqueue/v2"
)

// Tank belongs to a brewery.
type Tank struct {
	steps *azqueue.QueueClient
	log   *aztables.Client
	rest  time.Duration
}

// NewTank rests eight minutes.
func NewTank(steps *azqueue.QueueClient, log *aztables.Client) *Tank {
	return &Tank{steps: steps, log: log, rest: 8 * time.Minute}
}

// Step handles the next step.
func (t *Tank) Step(ctx context.Context) error {
	r, err := t.steps.DequeueMessage(ctx, &azqueue.DequeueMessageOptions{VisibilityTimeout: to.Ptr(int32(30))})
	if err != nil {
		return err
	}
	if len(r.Messages) == 0 {
		return nil
	}
	m := r.Messages[0]
	var step struct{ Tank, Action string }
	if err := json.Unmarshal([]byte(*m.MessageText), &step); err != nil {
		return fmt.Errorf("step %s, delivery %d: %w", *m.MessageID, *m.DequeueCount, err)
	}
	longer, err := t.steps.UpdateMessage(ctx, *m.MessageID, *m.PopReceipt, *m.MessageText, &azqueue.UpdateMessageOptions{VisibilityTimeout: to.Ptr(int32(600))})
	if err != nil {
		return fmt.Errorf("extend: %w", err)
	}
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(t.rest):
	}
	row, err := json.Marshal(map[string]string{"PartitionKey": step.Tank, "RowKey": *m.MessageID, "Action": step.Action})
	if err != nil {
		return err
	}
	if _, err := t.log.UpsertEntity(ctx, row, nil); err != nil {
		return err
	}
	_, err = t.steps.DeleteMessage(ctx, *m.MessageID, *longer.PopReceipt, nil)
	return err
}
