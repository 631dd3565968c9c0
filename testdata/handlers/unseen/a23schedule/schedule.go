// Package schedule releases jobs when their time has come.
//
// Right: a job that is not due is put back until it is; the error of the delete is of no account, since a second
// attempt finds the job released and changes nothing.
package schedule

import (
	"context"
	"encoding/json"
	"fmt"
	"log"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/to"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/blob"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/bloberror"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azqueue/v2"
)

const longest = 24 * time.Hour

// Job is what is scheduled.
type Job struct {
	ID      string          `json:"id"`
	RunAt   time.Time       `json:"runAt"`
	Payload json.RawMessage `json:"payload"`
}

// Scheduler releases jobs into a container that workers watch.
type Scheduler struct {
	Queue     *azqueue.QueueClient
	Blobs     *azblob.Client
	Container string
	Tick      time.Duration
}

// Run looks for jobs at every tick.
func (s *Scheduler) Run(ctx context.Context) {
	t := time.NewTicker(s.Tick)
	defer t.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-t.C:
			if err := s.tick(ctx); err != nil {
				log.Printf("schedule: %v", err)
			}
		}
	}
}

func (s *Scheduler) tick(ctx context.Context) error {
	resp, err := s.Queue.DequeueMessages(ctx, &azqueue.DequeueMessagesOptions{NumberOfMessages: to.Ptr(int32(32))})
	if err != nil {
		return fmt.Errorf("dequeue: %w", err)
	}
	for _, m := range resp.Messages {
		var j Job
		if err := json.Unmarshal([]byte(*m.MessageText), &j); err != nil {
			log.Printf("schedule: message %s: %v", *m.MessageID, err)
			continue
		}
		if wait := time.Until(j.RunAt); wait > 0 {
			later := int32(min(wait, longest)/time.Second) + 1
			if _, err := s.Queue.UpdateMessage(ctx, *m.MessageID, *m.PopReceipt, *m.MessageText, &azqueue.UpdateMessageOptions{VisibilityTimeout: &later}); err != nil {
				log.Printf("schedule: job %s: %v", j.ID, err)
			}
			continue
		}
		if err := s.release(ctx, j); err != nil {
			log.Printf("schedule: job %s: %v", j.ID, err)
			continue
		}
		_, _ = s.Queue.DeleteMessage(ctx, *m.MessageID, *m.PopReceipt, nil)
	}
	return nil
}

func (s *Scheduler) release(ctx context.Context, j Job) error {
	_, err := s.Blobs.UploadBuffer(ctx, s.Container, "ready/"+j.ID+".json", j.Payload, &azblob.UploadBufferOptions{
		AccessConditions: &blob.AccessConditions{
			ModifiedAccessConditions: &blob.ModifiedAccessConditions{IfNoneMatch: to.Ptr(azcore.ETagAny)},
		},
	})
	if bloberror.HasCode(err, bloberror.BlobAlreadyExists) {
		return nil
	}
	return err
}
