// Package photo deletes by a bare defer, so that a failed upload loses the photograph.
// Below the defer every return but the last gives back an error: the delete goes to the
// end, and its own error is given back, too.
package photo

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/to"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azqueue/v2"
)

// Poll handles one message.
func Poll(ctx context.Context, queue *azqueue.QueueClient, blobs *azblob.Client) error {
	resp, err := queue.DequeueMessage(ctx, &azqueue.DequeueMessageOptions{VisibilityTimeout: to.Ptr(int32(60))})
	if err != nil {
		return err
	}
	if len(resp.Messages) == 0 {
		return nil
	}
	return store(ctx, queue, blobs, resp.Messages[0])
}

func store(ctx context.Context, queue *azqueue.QueueClient, blobs *azblob.Client, m *azqueue.DequeuedMessage) error {
	if m.MessageText == nil {
		return nil
	}
	// now: deleteonerror
	var p struct {
		Name string
		Data []byte
	}
	if err := json.Unmarshal([]byte(*m.MessageText), &p); err != nil {
		return fmt.Errorf("message %s: %w", *m.MessageID, err)
	}
	if p.Name == "" {
		return errors.New("a photograph without a name")
	}
	if _, err := blobs.UploadBuffer(ctx, "photographs", p.Name, p.Data, nil); err != nil {
		return err
	}
	if _, err := queue.DeleteMessage(context.WithoutCancel(ctx), *m.MessageID, *m.PopReceipt, nil); err != nil {
		return err
	}
	return nil
}
