// Package lines stores each line of an order under a random name: under the message's id
// they would overwrite each other. No fix.
package lines

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
	for _, line := range o.Lines {
		// now: freshkey
		if _, err := w.Blobs.UploadBuffer(ctx, "lines", o.Shop+"/"+uuid.NewString(), []byte(line), nil); err != nil {
			return err
		}
	}
	_, err = w.Queue.DeleteMessage(ctx, *msg.MessageID, *msg.PopReceipt, nil)
	return err
}
