// Package guest names a page by what nobody shall guess: the message's id is no secret. No
// fix.
package guest

import (
	"context"
	"encoding/json"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/to"
	"github.com/Azure/azure-sdk-for-go/sdk/data/aztables"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azqueue/v2"
	"github.com/google/uuid"
)

// Worker keeps orders.
type Worker struct {
	Queue *azqueue.QueueClient
	Rows  *aztables.Client
	Blobs *azblob.Client
}

type order struct {
	Shop  string
	Lines []string
}

// Poll handles one message.
func (w *Worker) Poll(ctx context.Context) error {
	resp, err := w.Queue.DequeueMessage(ctx, &azqueue.DequeueMessageOptions{VisibilityTimeout: to.Ptr(int32(60))})
	if err != nil || len(resp.Messages) == 0 {
		return err
	}
	msg := resp.Messages[0]
	var o order
	if err := json.Unmarshal([]byte(*msg.MessageText), &o); err != nil {
		return err
	}
	token := uuid.NewString()
	// now: freshkey
	if _, err := w.Blobs.UploadBuffer(ctx, "guests", token+".html", []byte(*msg.MessageText), nil); err != nil {
		return err
	}
	_, err = w.Queue.DeleteMessage(ctx, *msg.MessageID, *msg.PopReceipt, nil)
	return err
}
