// Package polls counts votes.
//
// Right: a tally that is not there is created, one that is there is replaced in the version read, and who loses
// starts from the read again.
package polls

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/streaming"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/to"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/blob"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/bloberror"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/blockblob"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/container"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azqueue/v2"
)

type vote struct {
	Poll   string `json:"poll"`
	Voter  string `json:"voter"`
	Choice string `json:"choice"`
}

type tally struct {
	ByVoter map[string]string `json:"byVoter"`
	Counts  map[string]int    `json:"counts"`
}

func (t *tally) cast(v vote) bool {
	if t.ByVoter[v.Voter] == v.Choice {
		return false
	}
	if old, ok := t.ByVoter[v.Voter]; ok {
		t.Counts[old]--
	}
	t.ByVoter[v.Voter] = v.Choice
	t.Counts[v.Choice]++
	return true
}

// Counter counts.
type Counter struct {
	votes   *azqueue.QueueClient
	tallies *container.Client
}

// NewCounter returns a Counter.
func NewCounter(votes *azqueue.QueueClient, tallies *container.Client) *Counter {
	return &Counter{votes: votes, tallies: tallies}
}

// Drain counts until the queue is empty.
func (c *Counter) Drain(ctx context.Context) error {
	for {
		resp, err := c.votes.DequeueMessages(ctx, &azqueue.DequeueMessagesOptions{
			NumberOfMessages:  to.Ptr[int32](4),
			VisibilityTimeout: to.Ptr[int32](120),
		})
		if err != nil {
			return fmt.Errorf("polls: %w", err)
		}
		if len(resp.Messages) == 0 {
			return nil
		}
		for _, m := range resp.Messages {
			var v vote
			if err := json.Unmarshal([]byte(*m.MessageText), &v); err != nil {
				log.Printf("polls: %s: %v", *m.MessageID, err)
				continue
			}
			if err := onConflict(ctx, func(ctx context.Context) error { return c.count(ctx, v) }); err != nil {
				log.Printf("polls: %s: %v", v.Poll, err)
				continue
			}
			if _, err := c.votes.DeleteMessage(ctx, *m.MessageID, *m.PopReceipt, nil); err != nil {
				return fmt.Errorf("polls: %w", err)
			}
		}
	}
}

func (c *Counter) count(ctx context.Context, v vote) error {
	bb := c.tallies.NewBlockBlobClient(v.Poll + "/tally.json")
	t := tally{ByVoter: map[string]string{}, Counts: map[string]int{}}
	cond := new(blob.ModifiedAccessConditions)

	got, err := bb.DownloadStream(ctx, nil)
	switch {
	case bloberror.HasCode(err, bloberror.BlobNotFound):
		cond.IfNoneMatch = to.Ptr(azcore.ETagAny)
	case err != nil:
		return err
	default:
		raw, err := io.ReadAll(got.Body)
		if err := errors.Join(err, got.Body.Close()); err != nil {
			return err
		}
		if err := json.Unmarshal(raw, &t); err != nil {
			return err
		}
		cond.IfMatch = got.ETag
	}

	if !t.cast(v) {
		return nil
	}
	raw, err := json.Marshal(t)
	if err != nil {
		return err
	}
	_, err = bb.Upload(ctx, streaming.NopCloser(bytes.NewReader(raw)), &blockblob.UploadOptions{
		AccessConditions: &blob.AccessConditions{ModifiedAccessConditions: cond},
	})
	if bloberror.HasCode(err, bloberror.ConditionNotMet, bloberror.BlobAlreadyExists) {
		return &conflictError{key: v.Poll}
	}
	return err
}
