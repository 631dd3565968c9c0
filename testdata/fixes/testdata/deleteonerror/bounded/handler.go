// Package bounded puts a deadline on its context behind the defer: the deferred call was
// given the one without. No fix.
package bounded

import (
	"context"
	"encoding/json"
	"time"

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
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	var page struct{ Name, Text string }
	if err := json.Unmarshal([]byte(*msg.MessageText), &page); err != nil {
		return err
	}
	if _, err := blobs.UploadBuffer(ctx, "pages", page.Name, []byte(page.Text), nil); err != nil {
		return err
	}
	return nil
}
