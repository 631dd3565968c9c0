package demo

import (
	"context"
	"net/http"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/to"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azqueue/v2"
)

var renderer = &http.Client{Timeout: 150 * time.Second}

// Render has a report rendered, which may take a while.
func Render(ctx context.Context, queue *azqueue.QueueClient, blobs *azblob.Client) error {
	resp, err := queue.DequeueMessage(ctx, &azqueue.DequeueMessageOptions{VisibilityTimeout: to.Ptr(int32(120))})
	if err != nil || len(resp.Messages) == 0 {
		return err
	}
	msg := resp.Messages[0]

	report, err := renderer.Get("https://render.example.com/reports/" + *msg.MessageText)
	if err != nil {
		return err
	}
	defer report.Body.Close()
	if _, err := blobs.UploadStream(ctx, "reports", *msg.MessageText+".pdf", report.Body, nil); err != nil {
		return err
	}
	_, err = queue.DeleteMessage(ctx, *msg.MessageID, *msg.PopReceipt, nil)
	return err
}
