// Package audit files audit records.
//
// Right although it appends: each message has an append blob of its own, created
// only if it is not there, and its one block is accepted at position 0 only. What
// an earlier delivery did is recognised and passed over.
package audit

import (
	"bytes"
	"context"
	"fmt"
	"log"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/streaming"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/to"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/appendblob"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/blob"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/bloberror"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/container"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azqueue/v2"
)

type record struct {
	ID, receipt string
	Line        []byte
}

type tail struct {
	q *azqueue.QueueClient
}

func (t tail) Receive(ctx context.Context) ([]record, error) {
	resp, err := t.q.DequeueMessages(ctx, &azqueue.DequeueMessagesOptions{NumberOfMessages: to.Ptr(int32(10)), VisibilityTimeout: to.Ptr(int32(120))})
	if err != nil {
		return nil, err
	}
	var out []record
	for _, m := range resp.Messages {
		out = append(out, record{*m.MessageID, *m.PopReceipt, append([]byte(*m.MessageText), '\n')})
	}
	return out, nil
}

func (t tail) Delete(ctx context.Context, r record) error {
	_, err := t.q.DeleteMessage(ctx, r.ID, r.receipt, nil)
	return err
}

// File files one batch of records.
func File(ctx context.Context, q *azqueue.QueueClient, logs *container.Client) error {
	in := tail{q}
	records, err := in.Receive(ctx)
	if err != nil {
		return fmt.Errorf("audit: %w", err)
	}
	for _, r := range records {
		if err := file(ctx, logs.NewAppendBlobClient("audit/"+r.ID+".log"), r.Line); err != nil {
			log.Printf("audit: %s: %v", r.ID, err)
			continue
		}
		if err := in.Delete(ctx, r); err != nil {
			log.Printf("audit: %s: delete: %v", r.ID, err)
		}
	}
	return nil
}

func file(ctx context.Context, ab *appendblob.Client, line []byte) error {
	_, err := ab.Create(ctx, &appendblob.CreateOptions{
		AccessConditions: &blob.AccessConditions{
			ModifiedAccessConditions: &blob.ModifiedAccessConditions{IfNoneMatch: to.Ptr(azcore.ETagAny)},
		},
	})
	if err != nil && !bloberror.HasCode(err, bloberror.BlobAlreadyExists) {
		return fmt.Errorf("create: %w", err)
	}
	_, err = ab.AppendBlock(ctx, streaming.NopCloser(bytes.NewReader(line)), &appendblob.AppendBlockOptions{
		AppendPositionAccessConditions: &appendblob.AppendPositionAccessConditions{AppendPosition: to.Ptr(int64(0))},
	})
	if err != nil && !bloberror.HasCode(err, bloberror.AppendPositionConditionNotMet) {
		return fmt.Errorf("append: %w", err)
	}
	return nil
}
