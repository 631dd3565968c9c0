// Package receipt names a blob by a random id, which it makes for nothing else. Under the
// message's id the second delivery writes the same blob again.
package receipt

import (
	"context"
	"encoding/json"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/to"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azqueue/v2"
)

// Poll handles what is in the queue.
func Poll(ctx context.Context, queue *azqueue.QueueClient, blobs *azblob.Client) error {
	resp, err := queue.DequeueMessages(ctx, &azqueue.DequeueMessagesOptions{NumberOfMessages: to.Ptr(int32(4)), VisibilityTimeout: to.Ptr(int32(300))})
	if err != nil {
		return err
	}
	for _, m := range resp.Messages {
		var sale struct{ Shop, Text string }
		if err := json.Unmarshal([]byte(*m.MessageText), &sale); err != nil {
			return err
		}
		name := sale.Shop + "/" + *m.MessageID + ".txt"
		// now: freshkey
		if _, err := blobs.UploadBuffer(ctx, "receipts", name, []byte(sale.Text), nil); err != nil {
			return err
		}
		if _, err := queue.DeleteMessage(ctx, *m.MessageID, *m.PopReceipt, nil); err != nil {
			return err
		}
	}
	return nil
}
