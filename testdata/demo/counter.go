package demo

import (
	"context"
	"io"
	"strconv"

	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azqueue/v2"
)

// Count adds one visit to the number that a blob holds.
func Count(ctx context.Context, queue *azqueue.QueueClient, blobs *azblob.Client) error {
	resp, err := queue.DequeueMessage(ctx, nil)
	if err != nil || len(resp.Messages) == 0 {
		return err
	}
	msg := resp.Messages[0]

	got, err := blobs.DownloadStream(ctx, "counters", "visits.txt", nil)
	if err != nil {
		return err
	}
	defer got.Body.Close()
	text, err := io.ReadAll(got.Body)
	if err != nil {
		return err
	}
	n, err := strconv.Atoi(string(text))
	if err != nil {
		return err
	}
	_, err = blobs.UploadBuffer(ctx, "counters", "visits.txt", []byte(strconv.Itoa(n+1)), nil)
	if err != nil {
		return err
	}
	_, err = queue.DeleteMessage(ctx, *msg.MessageID, *msg.PopReceipt, nil)
	return err
}
