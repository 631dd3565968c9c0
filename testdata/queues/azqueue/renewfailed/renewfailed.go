// Package renewfailed deletes with the old receipt where the renewal failed.
//
// Right: a renewal that failed made nothing void, as far as anybody knows; the delete is
// worth a try, and where it fails the message comes back.
package renewfailed

import (
	"context"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/to"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azqueue/v2"
)

// Work handles one message.
func Work(ctx context.Context, q *azqueue.QueueClient, blobs *azblob.Client) error {
	resp, err := q.DequeueMessage(ctx, &azqueue.DequeueMessageOptions{VisibilityTimeout: to.Ptr(int32(60))})
	if err != nil || len(resp.Messages) == 0 {
		return err
	}
	m := resp.Messages[0]
	if _, err := blobs.UploadBuffer(ctx, "drafts", *m.MessageID, []byte(*m.MessageText), nil); err != nil {
		return err
	}
	up, err := q.UpdateMessage(ctx, *m.MessageID, *m.PopReceipt, *m.MessageText, &azqueue.UpdateMessageOptions{VisibilityTimeout: to.Ptr(int32(60))})
	if err != nil {
		_, err := q.DeleteMessage(ctx, *m.MessageID, *m.PopReceipt, nil)
		return err
	}
	if _, err := blobs.UploadBuffer(ctx, "pages", *m.MessageID, []byte(*m.MessageText), nil); err != nil {
		return err
	}
	_, err = q.DeleteMessage(ctx, *m.MessageID, *up.PopReceipt, nil)
	return err
}
