// Package skips leaves drafts alone, and the deferred delete takes them off the queue, as
// it should: moved to the end it would not. No fix.
package skips

import (
	"context"
	"encoding/json"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/to"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azqueue/v2"
)

// Poll handles one message.
func Poll(ctx context.Context, queue *azqueue.QueueClient, blobs *azblob.Client) error {
	resp, err := queue.DequeueMessage(ctx, &azqueue.DequeueMessageOptions{VisibilityTimeout: to.Ptr(int32(60))})
	if err != nil || len(resp.Messages) == 0 {
		return err
	}
	msg := resp.Messages[0]
	// now: deleteonerror
	defer queue.DeleteMessage(ctx, *msg.MessageID, *msg.PopReceipt, nil)
	var page struct {
		Name, Text string
		Draft      bool
	}
	if err := json.Unmarshal([]byte(*msg.MessageText), &page); err != nil {
		return err
	}
	if page.Draft {
		return nil
	}
	if _, err := blobs.UploadBuffer(ctx, "pages", page.Name, []byte(page.Text), nil); err != nil {
		return err
	}
	return nil
}
