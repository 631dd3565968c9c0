// Package counter is where the story begins: every visit of a page is a queue
// message, and for each message the number that a blob holds grows by one.
// Two workers that hold the same message (the first one slow, its lease expired)
// both read 5 and both write 6; so do two workers with different messages.
// Nothing tells the service which version the new number was computed from.
package counter

import (
	"context"
	"fmt"
	"io"
	"log"
	"strconv"
	"strings"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/to"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azqueue/v2"
)

const (
	containerName = "counters"
	blobName      = "visits.txt"
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
	got, err := blobs.DownloadStream(ctx, containerName, blobName, nil)
	if err != nil {
		return fmt.Errorf("read counter: %w", err)
	}
	text, err := io.ReadAll(got.Body)
	if cerr := got.Body.Close(); err == nil {
		err = cerr
	}
	if err != nil {
		return fmt.Errorf("read counter: %w", err)
	}
	n, err := strconv.Atoi(strings.TrimSpace(string(text)))
	if err != nil {
		return fmt.Errorf("counter holds %q: %w", text, err)
	}
	_, err = blobs.UploadBuffer(ctx, containerName, blobName, []byte(strconv.Itoa(n+1)), nil) // want `read-modify-write without a precondition.*\(etag\)`
	if err != nil {
		return fmt.Errorf("write counter: %w", err)
	}
	return nil
}
