// Package jobs turns each upload into a job for the next stage.
//
// Wrong: the job that is enqueued gets its id here, so the next stage, which keeps
// the ids that it has done, sees two jobs when the upload is delivered twice
// (enqueued, then a crash before the delete).
//
// Message: {"file":"a.mov"}
package jobs

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/oklog/ulid/v2"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/to"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azqueue/v2"
)

type upload struct {
	File string `json:"file"`
}

type job struct {
	ID   string `json:"id"`
	Kind string `json:"kind"`
	File string `json:"file"`
}

func newJob(kind string, u upload) job {
	return job{ID: ulid.Make().String(), Kind: kind, File: u.File}
}

// Stage passes uploads on.
type Stage struct {
	In, Out *azqueue.QueueClient
}

// Run passes on until ctx ends.
func (s *Stage) Run(ctx context.Context) error {
	for ctx.Err() == nil {
		resp, err := s.In.DequeueMessage(ctx, &azqueue.DequeueMessageOptions{VisibilityTimeout: to.Ptr(int32(60))})
		if err != nil {
			return err
		}
		if len(resp.Messages) == 0 {
			time.Sleep(time.Second)
			continue
		}
		m := resp.Messages[0]
		var u upload
		if err := json.Unmarshal([]byte(*m.MessageText), &u); err != nil {
			return fmt.Errorf("message %s: %w", *m.MessageID, err)
		}
		if err := s.dispatch(ctx, newJob("transcode", u)); err != nil {
			return fmt.Errorf("message %s: %w", *m.MessageID, err)
		}
		settle, cancel := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
		_, err = s.In.DeleteMessage(settle, *m.MessageID, *m.PopReceipt, nil)
		cancel()
		if err != nil {
			return err
		}
	}
	return ctx.Err()
}

func (s *Stage) dispatch(ctx context.Context, j job) error {
	raw, err := json.Marshal(j)
	if err != nil {
		return err
	}
	_, err = s.Out.EnqueueMessage(ctx, string(raw), nil) // want `\(freshkey\)`
	return err
}
