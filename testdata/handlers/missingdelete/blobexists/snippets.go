// Package snippets stores paste-bin snippets once; the blob is created, never overwritten.
package snippets

import (
	"context"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/to"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/blob"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/bloberror"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azqueue/v2"
)

// Logf is what the caller logs with.
type Logf func(format string, args ...any)

// Keep stores snippets; create and remove are closures over the clients.
func Keep(ctx context.Context, q *azqueue.QueueClient, az *azblob.Client, logf Logf) {
	onlyNew := &azblob.UploadBufferOptions{AccessConditions: &blob.AccessConditions{
		ModifiedAccessConditions: &blob.ModifiedAccessConditions{IfNoneMatch: to.Ptr(azcore.ETagAny)},
	}}
	create := func(id, text string) error {
		_, err := az.UploadBuffer(ctx, "snippets", id, []byte(text), onlyNew)
		return err
	}
	remove := func(m *azqueue.DequeuedMessage) {
		if _, err := q.DeleteMessage(ctx, *m.MessageID, *m.PopReceipt, nil); err != nil {
			logf("snippet %s stays queued: %v", *m.MessageID, err)
		}
	}
	for ctx.Err() == nil {
		page, err := q.DequeueMessages(ctx, &azqueue.DequeueMessagesOptions{NumberOfMessages: to.Ptr[int32](5), VisibilityTimeout: to.Ptr[int32](300)})
		if err != nil {
			logf("dequeue: %v", err)
			time.Sleep(time.Second)
			continue
		}
		for _, m := range page.Messages {
			err := create(*m.MessageID, *m.MessageText)
			if bloberror.HasCode(err, bloberror.BlobAlreadyExists, bloberror.ConditionNotMet) {
				logf("snippet %s is there", *m.MessageID)
				continue // want `already done.*unsettled.*\(missingdelete\)`
			}
			if err != nil {
				logf("snippet %s: %v", *m.MessageID, err)
				continue
			}
			remove(m)
		}
	}
}
