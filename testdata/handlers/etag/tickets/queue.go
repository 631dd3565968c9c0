// Package tickets moves support tickets through their states.
package tickets

import (
	"context"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/to"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azqueue/v2"
)

// Message is a received message.
type Message struct {
	ID         string
	PopReceipt string
	Body       []byte
	Attempts   int64
}

// Queue hides the SDK.
type Queue struct {
	client  *azqueue.QueueClient
	timeout int32
}

// NewQueue returns a Queue whose messages stay hidden for the given time.
func NewQueue(client *azqueue.QueueClient, hidden time.Duration) *Queue {
	return &Queue{client: client, timeout: int32(hidden.Seconds())}
}

// Receive returns up to max messages.
func (q *Queue) Receive(ctx context.Context, max int) ([]Message, error) {
	resp, err := q.client.DequeueMessages(ctx, &azqueue.DequeueMessagesOptions{
		NumberOfMessages:  to.Ptr(int32(max)),
		VisibilityTimeout: &q.timeout,
	})
	if err != nil {
		return nil, err
	}
	out := make([]Message, 0, len(resp.Messages))
	for _, m := range resp.Messages {
		out = append(out, Message{
			ID:         *m.MessageID,
			PopReceipt: *m.PopReceipt,
			Body:       []byte(*m.MessageText),
			Attempts:   *m.DequeueCount,
		})
	}
	return out, nil
}

// Delete removes a message for good.
func (q *Queue) Delete(ctx context.Context, m Message) error {
	_, err := q.client.DeleteMessage(ctx, m.ID, m.PopReceipt, nil)
	return err
}
