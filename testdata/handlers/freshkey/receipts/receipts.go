// Package receipts files a receipt for each payment.
//
// Wrong: the name of the receipt is made when it is filed. Filed, delete lost,
// delivered again: a second receipt of the same payment under another name.
//
// Message: {"payment":"p-1","shop":"s1","cents":1999}
// Before: container receipts exists
package receipts

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/google/uuid"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/to"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azqueue/v2"
)

type payment struct {
	Payment string `json:"payment"`
	Shop    string `json:"shop"`
	Cents   int    `json:"cents"`
}

// Run files receipts until ctx ends.
func Run(ctx context.Context, queue *azqueue.QueueClient, blobs *azblob.Client) error {
	for ctx.Err() == nil {
		resp, err := queue.DequeueMessage(ctx, &azqueue.DequeueMessageOptions{VisibilityTimeout: to.Ptr(int32(60))})
		if err != nil {
			return fmt.Errorf("receive: %w", err)
		}
		if len(resp.Messages) == 0 {
			time.Sleep(time.Second)
			continue
		}
		msg := resp.Messages[0]
		if err := handle(ctx, blobs, *msg.MessageText); err != nil {
			return fmt.Errorf("message %s: %w", *msg.MessageID, err)
		}
		if _, err := queue.DeleteMessage(context.WithoutCancel(ctx), *msg.MessageID, *msg.PopReceipt, nil); err != nil {
			return fmt.Errorf("delete: %w", err)
		}
	}
	return ctx.Err()
}

func handle(ctx context.Context, blobs *azblob.Client, text string) error {
	var p payment
	if err := json.Unmarshal([]byte(text), &p); err != nil {
		return err
	}
	return file(ctx, blobs, p)
}

func file(ctx context.Context, blobs *azblob.Client, p payment) error {
	text := fmt.Sprintf("Payment %s: %d.%02d EUR\n", p.Payment, p.Cents/100, p.Cents%100)
	_, err := blobs.UploadBuffer(ctx, "receipts", receiptName(p), []byte(text), nil) // want `\(freshkey\)`
	return err
}

func receiptName(p payment) string {
	return fmt.Sprintf("%s/%s.txt", p.Shop, uuid.NewString())
}
