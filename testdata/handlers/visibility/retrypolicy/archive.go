// Package mailarchive stores mails. Its blob client is patient: five tries of 30 s, with pauses between them.
package mailarchive

import (
	"context"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/to"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azqueue/v2"
)

// Archive is the worker.
type Archive struct {
	mails *azqueue.QueueClient
	blobs *azblob.Client
}

// NewArchive dials both services.
func NewArchive(queueURL, blobURL string, cred azcore.TokenCredential) (*Archive, error) {
	mails, err := azqueue.NewQueueClient(queueURL, cred, nil)
	if err != nil {
		return nil, err
	}
	blobs, err := azblob.NewClient(blobURL, cred, &azblob.ClientOptions{
		ClientOptions: azcore.ClientOptions{
			Retry: policy.RetryOptions{
				MaxRetries:    4,
				TryTimeout:    30 * time.Second,
				RetryDelay:    5 * time.Second,
				MaxRetryDelay: 20 * time.Second,
			},
		},
	})
	if err != nil {
		return nil, err
	}
	return &Archive{mails: mails, blobs: blobs}, nil
}

// Step stores the next mail and says whether there was one.
func (a *Archive) Step(ctx context.Context) (bool, error) {
	out, err := a.mails.DequeueMessage(ctx, &azqueue.DequeueMessageOptions{VisibilityTimeout: to.Ptr[int32](60)})
	if err != nil || len(out.Messages) == 0 {
		return false, err
	}
	mail := out.Messages[0]
	if _, err := a.blobs.UploadBuffer(ctx, "mails", *mail.MessageID+".eml", []byte(*mail.MessageText), nil); err != nil { // want `can outlast the lease.*\(visibility\)`
		return true, err
	}
	_, err = a.mails.DeleteMessage(ctx, *mail.MessageID, *mail.PopReceipt, nil)
	return true, err
}
