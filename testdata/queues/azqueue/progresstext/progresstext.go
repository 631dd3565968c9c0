// Package progresstext keeps its progress in the message: after each part it writes what is
// left into the text.
//
// Wrong: the second update of the loop is sent with the first receipt.
package progresstext

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
	for len(j.Parts) > 0 {
		if _, err := blobs.UploadBuffer(ctx, j.Name, j.Parts[0], []byte(j.Parts[0]), nil); err != nil {
			return err
		}
		j.Parts = j.Parts[1:]
		left, err := json.Marshal(j)
		if err != nil {
			return err
		}
		_, err = q.UpdateMessage(ctx, *m.MessageID, *m.PopReceipt, string(left), // want `new receipt is dropped.*\(stalereceipt\)`
			&azqueue.UpdateMessageOptions{VisibilityTimeout: to.Ptr(int32(60))})
		if err != nil {
			return err
		}
	}
	_, err := q.DeleteMessage(ctx, *m.MessageID, *m.PopReceipt, nil)
	return err
}
