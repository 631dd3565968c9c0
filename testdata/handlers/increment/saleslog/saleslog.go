// Package saleslog appends a line for each sale to the file of the sale's day,
// which the accountants add up.
//
// Wrong: an append is relative to what is there. Appended, the delete lost, the
// message comes back: the same sale stands in the file twice, and nothing in the
// line tells that it is the same one.
//
// Message: {"day":"2026-03-01","till":"t2","cents":1999}
package saleslog

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/streaming"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/to"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/appendblob"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/blob"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/bloberror"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/container"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azqueue"
)

type sale struct {
	Day   string `json:"day"`
	Till  string `json:"till"`
	Cents int    `json:"cents"`
}

// Logger writes the files.
type Logger struct {
	Queue *azqueue.QueueClient
	Files *container.Client
}

// Run logs sales until the queue fails.
func (l *Logger) Run(ctx context.Context) error {
	for {
		resp, err := l.Queue.DequeueMessage(ctx, &azqueue.DequeueMessageOptions{VisibilityTimeout: to.Ptr(int32(60))})
		if err != nil {
			return err
		}
		if len(resp.Messages) == 0 {
			time.Sleep(2 * time.Second)
			continue
		}
		msg := resp.Messages[0]
		var s sale
		if err := json.Unmarshal([]byte(*msg.MessageText), &s); err != nil {
			return err
		}
		if err := l.write(ctx, s); err != nil {
			return fmt.Errorf("log sale: %w", err)
		}
		if _, err := l.Queue.DeleteMessage(context.WithoutCancel(ctx), *msg.MessageID, *msg.PopReceipt, nil); err != nil {
			return err
		}
	}
}

func (l *Logger) write(ctx context.Context, s sale) error {
	file := l.Files.NewAppendBlobClient("sales/" + s.Day + ".csv")
	if err := ensure(ctx, file); err != nil {
		return err
	}
	line := fmt.Sprintf("%s;%d\n", s.Till, s.Cents)
	_, err := file.AppendBlock(ctx, streaming.NopCloser(strings.NewReader(line)), nil) // want `\(increment\)`
	return err
}

func ensure(ctx context.Context, file *appendblob.Client) error {
	_, err := file.Create(ctx, &appendblob.CreateOptions{AccessConditions: &blob.AccessConditions{
		ModifiedAccessConditions: &blob.ModifiedAccessConditions{IfNoneMatch: to.Ptr(azcore.ETagAny)},
	}})
	if bloberror.HasCode(err, bloberror.BlobAlreadyExists, bloberror.ConditionNotMet) {
		return nil
	}
	return err
}
