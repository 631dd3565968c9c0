package demo

import (
	"context"
	"encoding/json"

	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azqueue/v2"
)

// Invoice files an invoice; drafts go elsewhere.
func Invoice(ctx context.Context, queue *azqueue.QueueClient, blobs *azblob.Client) error {
	resp, err := queue.DequeueMessage(ctx, nil)
	if err != nil || len(resp.Messages) == 0 {
		return err
	}
	msg := resp.Messages[0]

	body := []byte(*msg.MessageText)
	var invoice struct {
		Number string
		Draft  bool
	}
	if err := json.Unmarshal(body, &invoice); err != nil {
		return err
	}
	if invoice.Draft {
		_, err := blobs.UploadBuffer(ctx, "drafts", invoice.Number, body, nil)
		return err
	}
	if _, err := blobs.UploadBuffer(ctx, "invoices", invoice.Number, body, nil); err != nil {
		return err
	}
	_, err = queue.DeleteMessage(ctx, *msg.MessageID, *msg.PopReceipt, nil)
	return err
}
