// Package longimport imports price lists. Before a long one it asks for more time.
//
// Wrong: the renewal's answer is thrown away, and the delete is sent with the receipt of
// the dequeue: it is refused each time that the list was long, and the list is imported
// for ever.
//
// Message: {"list":"l-1","rows":9000}
package longimport

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/to"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azqueue/v2"
)

// Importer imports.
type Importer struct {
	Queue *azqueue.QueueClient
	Blobs *azblob.Client
}

// Next imports the next list.
func (i *Importer) Next(ctx context.Context) error {
	resp, err := i.Queue.DequeueMessage(ctx, &azqueue.DequeueMessageOptions{VisibilityTimeout: to.Ptr(int32(60))})
	if err != nil {
		return err
	}
	for _, m := range resp.Messages {
		var list struct {
			List string
			Rows int
		}
		if err := json.Unmarshal([]byte(*m.MessageText), &list); err != nil {
			return err
		}
		if list.Rows > 1000 {
			opts := &azqueue.UpdateMessageOptions{VisibilityTimeout: to.Ptr(int32(900))}
			// now: stalereceipt
			renewed, err := i.Queue.UpdateMessage(ctx, *m.MessageID, *m.PopReceipt, *m.MessageText, opts)
			if err != nil {
				return fmt.Errorf("more time for %s: %w", list.List, err)
			}
			m.PopReceipt = renewed.PopReceipt
		}
		if _, err := i.Blobs.UploadBuffer(ctx, "lists", list.List, []byte(*m.MessageText), nil); err != nil {
			return err
		}
		if _, err := i.Queue.DeleteMessage(ctx, *m.MessageID, *m.PopReceipt, nil); err != nil {
			return err
		}
	}
	return nil
}
