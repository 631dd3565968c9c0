// Package mq is the house's queue: one message at a time, no SDK types outside.
package mq

import (
	"context"
	"errors"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/to"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azqueue/v2"
)

// ErrEmpty says that nothing is visible.
var ErrEmpty = errors.New("mq: empty")

// Message is a message under lease.
type Message struct {
	ID         string
	PopReceipt string
	Body       []byte
	Deliveries int64
}

// Queue wraps one storage queue.
type Queue struct {
	client *azqueue.QueueClient
	lease  time.Duration
}

// Open takes the lease that Receive asks for.
func Open(conn, name string, lease time.Duration) (*Queue, error) {
	client, err := azqueue.NewQueueClientFromConnectionString(conn, name, nil)
	if err != nil {
		return nil, err
	}
	return &Queue{client: client, lease: lease}, nil
}

// Receive returns ErrEmpty when there is nothing to do.
func (q *Queue) Receive(ctx context.Context) (*Message, error) {
	resp, err := q.client.DequeueMessage(ctx, &azqueue.DequeueMessageOptions{
		VisibilityTimeout: to.Ptr(int32(q.lease / time.Second)),
	})
	if err != nil {
		return nil, err
	}
	if len(resp.Messages) == 0 {
		return nil, ErrEmpty
	}
	m := resp.Messages[0]
	return &Message{ID: *m.MessageID, PopReceipt: *m.PopReceipt, Body: []byte(*m.MessageText), Deliveries: *m.DequeueCount}, nil
}

// Delete settles.
func (q *Queue) Delete(ctx context.Context, m *Message) error {
	_, err := q.client.DeleteMessage(ctx, m.ID, m.PopReceipt, nil)
	return err
}
