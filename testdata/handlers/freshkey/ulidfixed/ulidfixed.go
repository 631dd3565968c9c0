// Package ulidfixed stores uploads under names that sort by time.
//
// Right although the name is a ULID: its time is when the message was put into the
// queue and its entropy a hash of the message's id, so that every delivery makes the
// same one.
//
// Message: {"tenant":"acme","text":"hello"}
// Before: container uploads exists
package ulidfixed

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"time"

	"github.com/oklog/ulid/v2"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/to"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azqueue/v2"
)

// Run stores uploads until ctx ends.
func Run(ctx context.Context, queue *azqueue.QueueClient, blobs *azblob.Client) error {
	for ctx.Err() == nil {
		resp, err := queue.DequeueMessage(ctx, &azqueue.DequeueMessageOptions{VisibilityTimeout: to.Ptr(int32(60))})
		if err != nil {
			return err
		}
		if len(resp.Messages) == 0 {
			time.Sleep(time.Second)
			continue
		}
		m := resp.Messages[0]
		if err := store(ctx, blobs, m); err != nil {
			return fmt.Errorf("upload %s: %w", *m.MessageID, err)
		}
		if _, err := queue.DeleteMessage(context.WithoutCancel(ctx), *m.MessageID, *m.PopReceipt, nil); err != nil {
			return err
		}
	}
	return ctx.Err()
}

func store(ctx context.Context, blobs *azblob.Client, m *azqueue.DequeuedMessage) error {
	var in struct{ Tenant, Text string }
	if err := json.Unmarshal([]byte(*m.MessageText), &in); err != nil {
		return err
	}
	id, err := idOf(*m.InsertionTime, *m.MessageID)
	if err != nil {
		return err
	}
	_, err = blobs.UploadBuffer(ctx, "uploads", in.Tenant+"/"+id.String(), []byte(in.Text), nil)
	return err
}

func idOf(at time.Time, message string) (ulid.ULID, error) {
	sum := sha256.Sum256([]byte(message))
	return ulid.New(ulid.Timestamp(at), bytes.NewReader(sum[:]))
}
