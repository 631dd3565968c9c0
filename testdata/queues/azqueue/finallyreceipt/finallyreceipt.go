// Package finallyreceipt deletes in a deferred literal, which takes the receipt when it
// runs, once the work is done.
//
// Right: the literal sees what the renewal stored.
package finallyreceipt

import (
	"context"
	"errors"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/to"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azqueue/v2"
)

// Work handles one message.
func Work(ctx context.Context, q *azqueue.QueueClient, blobs *azblob.Client) (err error) {
	resp, err := q.DequeueMessage(ctx, &azqueue.DequeueMessageOptions{VisibilityTimeout: to.Ptr(int32(60))})
	if err != nil || len(resp.Messages) == 0 {
		return err
	}
	m := resp.Messages[0]
	defer func() {
		if err != nil {
			return
		}
		_, failed := q.DeleteMessage(ctx, *m.MessageID, *m.PopReceipt, nil)
		err = errors.Join(err, failed)
	}()
	up, err := q.UpdateMessage(ctx, *m.MessageID, *m.PopReceipt, *m.MessageText, &azqueue.UpdateMessageOptions{VisibilityTimeout: to.Ptr(int32(900))})
	if err != nil {
		return err
	}
	m.PopReceipt = up.PopReceipt
	_, err = blobs.UploadBuffer(ctx, "pages", *m.MessageID, []byte(*m.MessageText), nil)
	return err
}
