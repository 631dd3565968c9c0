// Package runid stores measurements below a folder of the worker's run.
//
// Wrong although the id is drawn once, before the first receive: a message whose
// worker dies before the delete is delivered to the next one, which has another id.
// The measurement lies in both folders, and the evaluation reads both.
//
// Message: {"probe":"p-1","value":17}
// Before: container measurements exists
package runid

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/google/uuid"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/to"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azqueue/v2"
)

type run struct {
	id    string
	queue *azqueue.QueueClient
	blobs *azblob.Client
}

// Run stores measurements until the queue fails.
func Run(ctx context.Context, queue *azqueue.QueueClient, blobs *azblob.Client) error {
	r := &run{id: uuid.NewString()[:8], queue: queue, blobs: blobs}
	for {
		resp, err := r.queue.DequeueMessage(ctx, &azqueue.DequeueMessageOptions{VisibilityTimeout: to.Ptr(int32(60))})
		if err != nil {
			return fmt.Errorf("run %s: %w", r.id, err)
		}
		if len(resp.Messages) == 0 {
			time.Sleep(time.Second)
			continue
		}
		if err := r.handle(ctx, resp.Messages[0]); err != nil {
			return fmt.Errorf("run %s: %w", r.id, err)
		}
	}
}

func (r *run) handle(ctx context.Context, m *azqueue.DequeuedMessage) error {
	var in struct {
		Probe string `json:"probe"`
		Value int    `json:"value"`
	}
	if err := json.Unmarshal([]byte(*m.MessageText), &in); err != nil {
		return err
	}
	name := r.id + "/" + in.Probe + "/" + *m.MessageID
	if _, err := r.blobs.UploadBuffer(ctx, "measurements", name, fmt.Append(nil, in.Value), nil); err != nil { // miss `\(freshkey\)`
		return err
	}
	_, err := r.queue.DeleteMessage(context.WithoutCancel(ctx), *m.MessageID, *m.PopReceipt, nil)
	return err
}
