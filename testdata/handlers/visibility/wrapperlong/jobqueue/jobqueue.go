// Package jobqueue hides the storage queue; how long a job may take is said when it is opened.
package jobqueue

import (
	"context"
	"math"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/to"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azqueue/v2"
)

// Job is a leased job.
type Job struct {
	ID, Body string
	Attempt  int64
	done     func(context.Context) error
}

// Done deletes the job.
func (j *Job) Done(ctx context.Context) error { return j.done(ctx) }

// Jobs is a queue of jobs.
type Jobs struct {
	client *azqueue.QueueClient
	lease  int32
}

// Open allows each job the given time.
func Open(client *azqueue.QueueClient, allowed time.Duration) *Jobs {
	return &Jobs{client: client, lease: int32(math.Ceil(allowed.Seconds()))}
}

// Next returns nil without an error if there is no job.
func (q *Jobs) Next(ctx context.Context) (*Job, error) {
	r, err := q.client.DequeueMessage(ctx, &azqueue.DequeueMessageOptions{VisibilityTimeout: to.Ptr(q.lease)})
	if err != nil || len(r.Messages) == 0 {
		return nil, err
	}
	m := r.Messages[0]
	return &Job{
		ID:      *m.MessageID,
		Body:    *m.MessageText,
		Attempt: *m.DequeueCount,
		done: func(ctx context.Context) error {
			_, err := q.client.DeleteMessage(ctx, *m.MessageID, *m.PopReceipt, nil)
			return err
		},
	}, nil
}
