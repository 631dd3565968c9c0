// Package inbox is the team's view of a storage queue.
package inbox

import (
	"context"
	"errors"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/to"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azqueue/v2"
)

// LeaseSeconds is how long a letter belongs to who took it.
const LeaseSeconds = 30

// ErrNone means that the inbox is empty.
var ErrNone = errors.New("inbox: no letter")

// Letter is a message.
type Letter struct {
	ID, Receipt, Body string
	Count             int64
}

// Inbox is a queue.
type Inbox struct{ q *azqueue.QueueClient }

// New wraps a client.
func New(q *azqueue.QueueClient) Inbox { return Inbox{q} }

// Take leases the next letter.
func (in Inbox) Take(ctx context.Context) (Letter, error) {
	r, err := in.q.DequeueMessage(ctx, &azqueue.DequeueMessageOptions{VisibilityTimeout: to.Ptr(int32(LeaseSeconds))})
	if err != nil {
		return Letter{}, err
	}
	if len(r.Messages) == 0 {
		return Letter{}, ErrNone
	}
	m := r.Messages[0]
	return Letter{ID: *m.MessageID, Receipt: *m.PopReceipt, Body: *m.MessageText, Count: *m.DequeueCount}, nil
}

// Discard removes a letter.
func (in Inbox) Discard(ctx context.Context, l Letter) error {
	_, err := in.q.DeleteMessage(ctx, l.ID, l.Receipt, nil)
	return err
}
