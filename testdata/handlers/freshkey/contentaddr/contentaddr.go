// Package contentaddr stores documents under the hash of what they contain.
//
// Right although no two documents have the same name: the name is a function of the
// message's text, the write is create-only, and "there already" means done.
//
// Message: {"title":"offer","text":"ten mugs"}
// Before: container documents exists
package contentaddr

import (
	"context"
	"crypto/sha256"
	"fmt"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/to"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/blob"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/bloberror"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azqueue/v2"
)

type object struct {
	name    string
	content []byte
}

func newObject(content []byte) object {
	return object{name: fmt.Sprintf("sha256/%x", sha256.Sum256(content)), content: content}
}

// Run stores documents until ctx ends.
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
		if err := put(ctx, blobs, newObject([]byte(*m.MessageText))); err != nil {
			return fmt.Errorf("document %s: %w", *m.MessageID, err)
		}
		if _, err := queue.DeleteMessage(context.WithoutCancel(ctx), *m.MessageID, *m.PopReceipt, nil); err != nil {
			return err
		}
	}
	return ctx.Err()
}

func put(ctx context.Context, blobs *azblob.Client, o object) error {
	_, err := blobs.UploadBuffer(ctx, "documents", o.name, o.content, &azblob.UploadBufferOptions{
		AccessConditions: &blob.AccessConditions{ModifiedAccessConditions: &blob.ModifiedAccessConditions{
			IfNoneMatch: to.Ptr(azcore.ETagAny),
		}},
	})
	if bloberror.HasCode(err, bloberror.BlobAlreadyExists) {
		return nil
	}
	return err
}
