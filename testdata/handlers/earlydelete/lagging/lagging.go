// Package lagging stores sensor calibrations; the delete of a message is put off until the next round.
//
// Right: the delete at the top of the loop stands above the work, but it is the previous message's, whose blob is
// written; no path leaves the loop with a message that is done and not deleted.
//
// Message: {"sensor":"se-40","offset":3}
package lagging

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/to"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azqueue"
)

// Calibrate stores calibrations until the queue is empty.
func Calibrate(ctx context.Context, queue *azqueue.QueueClient, blobs *azblob.Client) error {
	var done *azqueue.DequeuedMessage
	for {
		if done != nil {
			if _, err := queue.DeleteMessage(ctx, *done.MessageID, *done.PopReceipt, nil); err != nil {
				return fmt.Errorf("delete %s: %w", *done.MessageID, err)
			}
			done = nil
		}
		r, err := queue.DequeueMessage(ctx, &azqueue.DequeueMessageOptions{VisibilityTimeout: to.Ptr(int32(60))})
		if err != nil {
			return fmt.Errorf("next: %w", err)
		}
		if len(r.Messages) == 0 {
			return nil
		}
		m := r.Messages[0]
		if err := store(ctx, blobs, []byte(*m.MessageText)); err != nil {
			return fmt.Errorf("message %s: %w", *m.MessageID, err)
		}
		done = m
	}
}

func store(ctx context.Context, blobs *azblob.Client, text []byte) error {
	var c struct {
		Sensor string `json:"sensor"`
		Offset int    `json:"offset"`
	}
	if err := json.Unmarshal(text, &c); err != nil {
		return err
	}
	body := fmt.Appendf(nil, "offset %+d\n", c.Offset)
	_, err := blobs.UploadBuffer(ctx, "calibrations", fmt.Sprintf("%s/%+d", c.Sensor, c.Offset), body, nil)
	return err
}
