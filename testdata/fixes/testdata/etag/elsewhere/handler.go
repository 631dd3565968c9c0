// Package elsewhere reads in a function of its own, which keeps the answer to itself: the
// ETag is not in sight at the write. No fix.
package elsewhere

import (
	"context"
	"encoding/json"

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
	book, err := open(ctx, blobs, e.Book)
	if err != nil {
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

func open(ctx context.Context, blobs *azblob.Client, name string) (map[string]string, error) {
	got, err := blobs.DownloadStream(ctx, "books", name, nil)
	if err != nil {
		return nil, err
	}
	defer got.Body.Close()
	book := map[string]string{}
	return book, json.NewDecoder(got.Body).Decode(&book)
}
