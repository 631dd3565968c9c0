// Package firsttime begins with an empty book where there is none yet: on that way there
// is no ETag to give, and an If-Match alone would not stop two workers from beginning at
// once. No fix.
package firsttime

import (
	"context"
	"encoding/json"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/to"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/bloberror"
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
	book := map[string]string{}
	got, err := blobs.DownloadStream(ctx, "books", e.Book, nil)
	if err == nil {
		err = json.NewDecoder(got.Body).Decode(&book)
		got.Body.Close()
	}
	if err != nil && !bloberror.HasCode(err, bloberror.BlobNotFound) {
		return err
	}
	book[e.Key] = e.Text
	text, err := json.Marshal(book)
	if err != nil {
		return err
	}
	// now: etag
	if _, err := blobs.UploadBuffer(ctx, "books", e.Book, text, nil); err != nil {
		return err
	}
	_, err = queue.DeleteMessage(ctx, *msg.MessageID, *msg.PopReceipt, nil)
	return err
}
