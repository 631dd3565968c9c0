// Package loggedreceipt looks at the new receipt, for the log.
//
// Wrong: the delete is sent with the old one.
package loggedreceipt

import (
	"context"
	"log/slog"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/to"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azqueue/v2"
)

// Archive archives one letter.
func Archive(ctx context.Context, q *azqueue.QueueClient, blobs *azblob.Client) error {
	resp, err := q.DequeueMessage(ctx, &azqueue.DequeueMessageOptions{VisibilityTimeout: to.Ptr(int32(20))})
	if err != nil || len(resp.Messages) == 0 {
		return err
	}
	letter := resp.Messages[0]
	up, err := q.UpdateMessage(ctx, *letter.MessageID, *letter.PopReceipt, *letter.MessageText,
		&azqueue.UpdateMessageOptions{VisibilityTimeout: to.Ptr(int32(300))})
	if err != nil {
		return err
	}
	slog.Info("extended", "id", *letter.MessageID, "receipt", *up.PopReceipt)
	if _, err := blobs.UploadBuffer(ctx, "letters", *letter.MessageID, []byte(*letter.MessageText), nil); err != nil {
		return err
	}
	_, err = q.DeleteMessage(ctx, *letter.MessageID, *letter.PopReceipt, nil) // want `receipt used after a renewal replaced it.*\(stalereceipt\)`
	return err
}
