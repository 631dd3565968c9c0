// Package emptyhelper has a lease of its own type, which keeps the receipt and knows no
// text.
//
// Wrong: it sends an empty one.
package emptyhelper

import (
	"context"
	"encoding/json"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/to"
	"github.com/Azure/azure-sdk-for-go/sdk/data/aztables"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azqueue/v2"
)

type lease struct {
	queue       *azqueue.QueueClient
	id, receipt string
}

func (l *lease) prolong(ctx context.Context, text string, seconds int32) error {
	resp, err := l.queue.UpdateMessage(ctx, l.id, l.receipt, text, &azqueue.UpdateMessageOptions{VisibilityTimeout: to.Ptr(seconds)}) // want `erases the message.*\(stalereceipt\)`
	if err != nil {
		return err
	}
	l.receipt = *resp.PopReceipt
	return nil
}

func (l *lease) release(ctx context.Context) error {
	_, err := l.queue.DeleteMessage(ctx, l.id, l.receipt, nil)
	return err
}

// Enrol enrols one student.
func Enrol(ctx context.Context, q *azqueue.QueueClient, students *aztables.Client) error {
	resp, err := q.DequeueMessage(ctx, &azqueue.DequeueMessageOptions{VisibilityTimeout: to.Ptr(int32(10))})
	if err != nil || len(resp.Messages) == 0 {
		return err
	}
	m := resp.Messages[0]
	l := &lease{queue: q, id: *m.MessageID, receipt: *m.PopReceipt}
	var student map[string]any
	if err := json.Unmarshal([]byte(*m.MessageText), &student); err != nil {
		return err
	}
	if err := l.prolong(ctx, "", 60); err != nil {
		return err
	}
	row, err := json.Marshal(student)
	if err != nil {
		return err
	}
	if _, err := students.UpsertEntity(ctx, row, nil); err != nil {
		return err
	}
	return l.release(ctx)
}
