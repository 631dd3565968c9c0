// Package emptied asks for more time with an empty text: the SDK takes the text as a plain
// string, and nothing says that it must be sent again.
//
// Wrong: the text is gone. After a crash the next delivery has nothing to work on.
package emptied

import (
	"context"
	"encoding/json"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/to"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azqueue/v2"
)

// Convert converts one picture.
func Convert(ctx context.Context, q *azqueue.QueueClient, blobs *azblob.Client) error {
	resp, err := q.DequeueMessage(ctx, nil)
	if err != nil || len(resp.Messages) == 0 {
		return err
	}
	m := resp.Messages[0]
	var p struct{ Name, Data string }
	if err := json.Unmarshal([]byte(*m.MessageText), &p); err != nil {
		return err
	}
	kept, err := q.UpdateMessage(ctx, *m.MessageID, *m.PopReceipt, "", &azqueue.UpdateMessageOptions{VisibilityTimeout: to.Ptr(int32(600))}) // want `erases the message.*\(stalereceipt\)`
	if err != nil {
		return err
	}
	if _, err := blobs.UploadBuffer(ctx, "pictures", p.Name, []byte(p.Data), nil); err != nil {
		return err
	}
	_, err = q.DeleteMessage(ctx, *m.MessageID, *kept.PopReceipt, nil)
	return err
}
