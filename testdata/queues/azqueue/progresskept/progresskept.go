// Package progresskept writes its progress into the message, and goes on with the receipt
// that it got for it.
//
// Right: each update and the delete have the newest.
package progresskept

import (
	"context"
	"encoding/json"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/to"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azqueue/v2"
)

type job struct {
	Name  string
	Parts []string
}

// Handle handles one message.
func Handle(ctx context.Context, q *azqueue.QueueClient, blobs *azblob.Client, m *azqueue.DequeuedMessage) error {
	var j job
	if err := json.Unmarshal([]byte(*m.MessageText), &j); err != nil {
		return err
	}
	receipt := m.PopReceipt
	for len(j.Parts) > 0 {
		if _, err := blobs.UploadBuffer(ctx, j.Name, j.Parts[0], []byte(j.Parts[0]), nil); err != nil {
			return err
		}
		j.Parts = j.Parts[1:]
		left, err := json.Marshal(j)
		if err != nil {
			return err
		}
		up, err := q.UpdateMessage(ctx, *m.MessageID, *receipt, string(left), &azqueue.UpdateMessageOptions{VisibilityTimeout: to.Ptr(int32(60))})
		if err != nil {
			return err
		}
		receipt = up.PopReceipt
	}
	_, err := q.DeleteMessage(ctx, *m.MessageID, *receipt, nil)
	return err
}
