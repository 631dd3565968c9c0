// Package join waits for the parts of a job: each part that is finished leaves the
// list of pending ones, and the last one makes the job complete.
//
// Right although the list shrinks with each message: a part that is not in it has
// left before, and nothing else counts. What follows from an empty list is done by
// every delivery that sees it empty, create-only.
//
// Message: {"job":"j-1","part":"p1"}
// Before: blob jobs/j-1/pending contains {"p1":true,"p2":true}
package join

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/to"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/blob"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/bloberror"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/blockblob"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/container"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azqueue"
)

type finished struct {
	Job  string `json:"job"`
	Part string `json:"part"`
}

// Run handles finished parts until the queue fails.
func Run(ctx context.Context, parts *azqueue.QueueClient, jobs *container.Client) error {
	for {
		resp, err := parts.DequeueMessage(ctx, &azqueue.DequeueMessageOptions{VisibilityTimeout: to.Ptr(int32(60))})
		if err != nil {
			return err
		}
		if len(resp.Messages) == 0 {
			time.Sleep(time.Second)
			continue
		}
		m := resp.Messages[0]
		var f finished
		if err := json.Unmarshal([]byte(*m.MessageText), &f); err != nil {
			return err
		}
		left, err := leave(ctx, jobs.NewBlockBlobClient(f.Job+"/pending"), f.Part)
		if err == nil && left == 0 {
			err = complete(ctx, jobs.NewBlockBlobClient(f.Job+"/complete"))
		}
		if err != nil {
			return fmt.Errorf("job %s: %w", f.Job, err)
		}
		if _, err := parts.DeleteMessage(context.WithoutCancel(ctx), *m.MessageID, *m.PopReceipt, nil); err != nil {
			return err
		}
	}
}

// leave takes part off the pending ones and returns how many are left.
func leave(ctx context.Context, b *blockblob.Client, part string) (int, error) {
	got, err := b.DownloadStream(ctx, nil)
	if err != nil {
		return 0, err
	}
	defer got.Body.Close()
	pending := map[string]bool{}
	if err := json.NewDecoder(got.Body).Decode(&pending); err != nil {
		return 0, err
	}
	if pending[part] {
		delete(pending, part)
		raw, err := json.Marshal(pending)
		if err != nil {
			return 0, err
		}
		_, err = b.UploadBuffer(ctx, raw, only(&blob.ModifiedAccessConditions{IfMatch: got.ETag}))
		if err != nil {
			return 0, err
		}
	}
	return len(pending), nil
}

func complete(ctx context.Context, b *blockblob.Client) error {
	_, err := b.UploadBuffer(ctx, []byte("complete"), only(&blob.ModifiedAccessConditions{IfNoneMatch: to.Ptr(azcore.ETagAny)}))
	if bloberror.HasCode(err, bloberror.BlobAlreadyExists) {
		return nil
	}
	return err
}

func only(c *blob.ModifiedAccessConditions) *blockblob.UploadBufferOptions {
	return &blockblob.UploadBufferOptions{AccessConditions: &blob.AccessConditions{ModifiedAccessConditions: c}}
}
