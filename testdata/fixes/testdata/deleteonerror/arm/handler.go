// Package arm settles in the error's own arm, without a defer. Whether the message may go
// is not for a tool to say. No fix.
package arm

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
	var page struct{ Name, Text string }
	if err := json.Unmarshal([]byte(*msg.MessageText), &page); err != nil {
		return err
	}
	if _, err := blobs.UploadBuffer(ctx, "pages", page.Name, []byte(page.Text), nil); err != nil {
		// now: deleteonerror
		_, err = queue.DeleteMessage(ctx, *msg.MessageID, *msg.PopReceipt, nil)
		return err
	}
	_, err = queue.DeleteMessage(ctx, *msg.MessageID, *msg.PopReceipt, nil)
	return err
}
