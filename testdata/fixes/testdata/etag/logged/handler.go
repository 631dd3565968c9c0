// Package logged logs that the write failed and deletes the message: a write that is
// refused would be lost. No fix until the failure brings the message back.
package logged

import (
	"context"
	"encoding/json"
	"log"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/to"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azqueue/v2"
)

// Poll handles one message.
func Poll(ctx context.Context, queue *azqueue.QueueClient, blobs *azblob.Client) error {
	resp, err := queue.DequeueMessage(ctx, &azqueue.DequeueMessageOptions{VisibilityTimeout: to.Ptr(int32(90))})
	if err != nil || len(resp.Messages) == 0 {
		return err
	}
	msg := resp.Messages[0]
	var e struct{ Book, Key, Text string }
	if err := json.Unmarshal([]byte(*msg.MessageText), &e); err != nil {
		return err
	}
	got, err := blobs.DownloadStream(ctx, "books", e.Book, nil)
	if err != nil {
		return err
	}
	defer got.Body.Close()
	book := map[string]string{}
	if err := json.NewDecoder(got.Body).Decode(&book); err != nil {
		return err
	}
	book[e.Key] = e.Text
	text, err := json.Marshal(book)
	if err != nil {
		return err
	}
	// now: etag
	if _, err := blobs.UploadBuffer(ctx, "books", e.Book, text, nil); err != nil {
		log.Print(err)
	}
	// now: deleteonerror
	_, err = queue.DeleteMessage(ctx, *msg.MessageID, *msg.PopReceipt, nil)
	return err
}
