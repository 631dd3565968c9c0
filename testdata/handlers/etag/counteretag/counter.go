// Package counter is the counter of the story with the first mend. Right: the write is
// accepted only if the blob is still the version that was read, and a refusal
// starts again from the read. No two workers can lose an update, so etag is
// silent. A message that comes back after a lost delete still counts twice:
// that is the business of increment.
package counter

import (
	"context"
	"fmt"
	"io"
	"log"
	"strconv"
	"strings"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/to"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/blob"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/bloberror"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azqueue/v2"
)

const (
	containerName = "counters"
	blobName      = "visits.txt"
	attempts      = 10
)

// Run takes one message after the other and counts it.
func Run(ctx context.Context, queue *azqueue.QueueClient, blobs *azblob.Client) error {
	for ctx.Err() == nil {
		resp, err := queue.DequeueMessage(ctx, &azqueue.DequeueMessageOptions{VisibilityTimeout: to.Ptr(int32(120))})
		if err != nil {
			return fmt.Errorf("receive: %w", err)
		}
		if len(resp.Messages) == 0 {
			time.Sleep(time.Second)
			continue
		}
		msg := resp.Messages[0]
		if err := increment(ctx, blobs); err != nil {
			log.Printf("message %s stays in the queue: %v", *msg.MessageID, err)
			continue
		}
		if _, err := queue.DeleteMessage(ctx, *msg.MessageID, *msg.PopReceipt, nil); err != nil {
			return fmt.Errorf("delete %s: %w", *msg.MessageID, err)
		}
	}
	return ctx.Err()
}

func increment(ctx context.Context, blobs *azblob.Client) error {
	for range attempts {
		n, etag, err := read(ctx, blobs)
		if err != nil {
			return err
		}
		_, err = blobs.UploadBuffer(ctx, containerName, blobName, []byte(strconv.Itoa(n+1)), &azblob.UploadBufferOptions{ // want `adds to what was read.*\(increment\)`
			AccessConditions: &blob.AccessConditions{
				ModifiedAccessConditions: &blob.ModifiedAccessConditions{IfMatch: etag},
			},
		})
		if bloberror.HasCode(err, bloberror.ConditionNotMet) {
			continue
		}
		if err != nil {
			return fmt.Errorf("write counter: %w", err)
		}
		return nil
	}
	return fmt.Errorf("counter changed under us %d times", attempts)
}

func read(ctx context.Context, blobs *azblob.Client) (int, *azcore.ETag, error) {
	got, err := blobs.DownloadStream(ctx, containerName, blobName, nil)
	if err != nil {
		return 0, nil, fmt.Errorf("read counter: %w", err)
	}
	text, err := io.ReadAll(got.Body)
	if cerr := got.Body.Close(); err == nil {
		err = cerr
	}
	if err != nil {
		return 0, nil, fmt.Errorf("read counter: %w", err)
	}
	n, err := strconv.Atoi(strings.TrimSpace(string(text)))
	if err != nil {
		return 0, nil, fmt.Errorf("counter holds %q: %w", text, err)
	}
	return n, got.ETag, nil
}
