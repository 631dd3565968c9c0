// Package bell drains a queue of jobs whenever another queue rings.
//
// Right: the ring is deleted before any job is done, but no job depends on it: the jobs are messages of their own,
// each deleted after its blob is written, and they are drained whether it rang or not. (A ring is a message with any
// text in Rings.)
//
// Message: {"job":"j-3","text":"abc"}
package bell

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/to"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azqueue/v2"
)

// Shop does jobs.
type Shop struct {
	Rings, Jobs *azqueue.QueueClient
	Blobs       *azblob.Client
}

// Tend silences the bell and drains the jobs.
func (s *Shop) Tend(ctx context.Context) error {
	if err := s.silence(ctx); err != nil {
		return err
	}
	for {
		more, err := s.job(ctx)
		if err != nil || !more {
			return err
		}
	}
}

func (s *Shop) silence(ctx context.Context) error {
	r, err := s.Rings.DequeueMessages(ctx, &azqueue.DequeueMessagesOptions{NumberOfMessages: to.Ptr(int32(32))})
	if err != nil {
		return fmt.Errorf("rings: %w", err)
	}
	for _, ring := range r.Messages {
		if _, err := s.Rings.DeleteMessage(ctx, *ring.MessageID, *ring.PopReceipt, nil); err != nil {
			return fmt.Errorf("ring %s: %w", *ring.MessageID, err)
		}
	}
	return nil
}

func (s *Shop) job(ctx context.Context) (more bool, err error) {
	r, err := s.Jobs.DequeueMessage(ctx, &azqueue.DequeueMessageOptions{VisibilityTimeout: to.Ptr(int32(60))})
	if err != nil || len(r.Messages) == 0 {
		return false, err
	}
	m := r.Messages[0]
	var j struct{ Job, Text string }
	if err := json.Unmarshal([]byte(*m.MessageText), &j); err != nil {
		return false, fmt.Errorf("job %s: %w", *m.MessageID, err)
	}
	if _, err := s.Blobs.UploadBuffer(ctx, "jobs", j.Job, []byte(j.Text), nil); err != nil {
		return false, fmt.Errorf("job %s: %w", j.Job, err)
	}
	_, err = s.Jobs.DeleteMessage(ctx, *m.MessageID, *m.PopReceipt, nil)
	return true, err
}
