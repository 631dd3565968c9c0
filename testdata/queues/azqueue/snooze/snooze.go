// Package snooze puts reminders off until they are due.
//
// Right: what is put off is left, what is due is sent and deleted; no message is both.
package snooze

import (
	"context"
	"encoding/json"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/to"
	"github.com/Azure/azure-sdk-for-go/sdk/data/aztables"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azqueue/v2"
)

type reminder struct {
	PartitionKey, RowKey string
	Due                  time.Time
}

// Clock sends reminders.
type Clock struct {
	queue *azqueue.QueueClient
	sent  *aztables.Client
}

// Tick looks at each message once.
func (c *Clock) Tick(ctx context.Context) error {
	resp, err := c.queue.DequeueMessages(ctx, &azqueue.DequeueMessagesOptions{NumberOfMessages: to.Ptr(int32(32)), VisibilityTimeout: to.Ptr(int32(300))})
	if err != nil {
		return err
	}
	for _, m := range resp.Messages {
		var r reminder
		if err := json.Unmarshal([]byte(*m.MessageText), &r); err != nil {
			return err
		}
		switch wait := time.Until(r.Due); {
		case wait > 0:
			if err := c.putOff(ctx, m, wait); err != nil {
				return err
			}
		default:
			if _, err := c.sent.UpsertEntity(ctx, []byte(*m.MessageText), nil); err != nil {
				return err
			}
			if _, err := c.queue.DeleteMessage(ctx, *m.MessageID, *m.PopReceipt, nil); err != nil {
				return err
			}
		}
	}
	return nil
}

func (c *Clock) putOff(ctx context.Context, m *azqueue.DequeuedMessage, wait time.Duration) error {
	seconds := int32(min(wait, 7*24*time.Hour).Seconds())
	_, err := c.queue.UpdateMessage(ctx, *m.MessageID, *m.PopReceipt, *m.MessageText, &azqueue.UpdateMessageOptions{VisibilityTimeout: &seconds})
	return err
}
