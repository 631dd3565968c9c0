// Package attemptlog resizes pictures' descriptions, and keeps a row of every attempt
// at a message for the operators.
//
// Right although the rows' key holds the dequeue count: an attempt is what the row
// stands for, a second delivery is a second attempt, and only people read the rows.
// The result itself is named by the message.
//
// Message: {"picture":"p-1","text":"a very long text"}
// Before: container short exists
package attemptlog

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/to"
	"github.com/Azure/azure-sdk-for-go/sdk/data/aztables"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azqueue"
)

// Worker shortens descriptions.
type Worker struct {
	Queue    *azqueue.QueueClient
	Blobs    *azblob.Client
	Attempts *aztables.Client
}

// Run shortens until ctx ends.
func (w *Worker) Run(ctx context.Context) error {
	for ctx.Err() == nil {
		resp, err := w.Queue.DequeueMessage(ctx, &azqueue.DequeueMessageOptions{VisibilityTimeout: to.Ptr(int32(60))})
		if err != nil {
			return err
		}
		if len(resp.Messages) == 0 {
			time.Sleep(time.Second)
			continue
		}
		m := resp.Messages[0]
		if err := w.logAttempt(ctx, *m.MessageID, *m.DequeueCount); err != nil {
			return fmt.Errorf("log attempt: %w", err)
		}
		var in struct{ Picture, Text string }
		if err := json.Unmarshal([]byte(*m.MessageText), &in); err != nil {
			return err
		}
		short := fmt.Sprintf("%.10s", in.Text)
		if _, err := w.Blobs.UploadBuffer(ctx, "short", in.Picture+".txt", []byte(short), nil); err != nil {
			return err
		}
		if _, err := w.Queue.DeleteMessage(context.WithoutCancel(ctx), *m.MessageID, *m.PopReceipt, nil); err != nil {
			return err
		}
	}
	return ctx.Err()
}

func (w *Worker) logAttempt(ctx context.Context, message string, attempt int64) error {
	raw, err := json.Marshal(map[string]any{
		"PartitionKey": message,
		"RowKey":       fmt.Sprintf("attempt-%04d", attempt),
	})
	if err != nil {
		return err
	}
	_, err = w.Attempts.AddEntity(ctx, raw, nil)
	var re *azcore.ResponseError
	if errors.As(err, &re) && re.StatusCode == http.StatusConflict {
		return nil
	}
	return err
}
