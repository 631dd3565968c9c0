// Package reminders writes reminders when they are due.
//
// Right: a reminder that is not due is hidden again until then (or, if that fails, simply left); nothing was
// done for it yet, so that leaving it undeleted is the point.
package reminders

import (
	"context"
	"encoding/json"
	"log"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/to"
	"github.com/Azure/azure-sdk-for-go/sdk/data/aztables"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azqueue/v2"
)

type reminder struct {
	User string    `json:"user"`
	Due  time.Time `json:"due"`
	Text string    `json:"text"`
}

type clock interface{ Now() time.Time }

// Desk hands reminders out.
type Desk struct {
	q     *azqueue.QueueClient
	due   *aztables.Client
	clock clock
}

// Turn handles one message.
func (d *Desk) Turn(ctx context.Context) error {
	r, err := d.q.DequeueMessage(ctx, nil)
	if err != nil {
		return err
	}
	if len(r.Messages) == 0 {
		return nil
	}
	m := r.Messages[0]
	var rem reminder
	if err := json.Unmarshal([]byte(*m.MessageText), &rem); err != nil {
		return err
	}
	if wait := rem.Due.Sub(d.clock.Now()); wait > 0 {
		if wait < time.Minute {
			return nil // the lease gives it back in time
		}
		hide := to.Ptr(int32(min(wait, 24*time.Hour) / time.Second))
		_, err := d.q.UpdateMessage(ctx, *m.MessageID, *m.PopReceipt, *m.MessageText, &azqueue.UpdateMessageOptions{VisibilityTimeout: hide})
		if err != nil {
			log.Printf("reminder %s not put off: %v", *m.MessageID, err)
		}
		return nil
	}
	row, err := json.Marshal(map[string]string{"PartitionKey": rem.User, "RowKey": *m.MessageID, "Text": rem.Text})
	if err != nil {
		return err
	}
	if _, err := d.due.UpsertEntity(ctx, row, nil); err != nil {
		return err
	}
	_, err = d.q.DeleteMessage(ctx, *m.MessageID, *m.PopReceipt, nil)
	return err
}
