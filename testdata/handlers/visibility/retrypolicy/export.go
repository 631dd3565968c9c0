package mailarchive

import (
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azqueue/v2"
)

// With returns an archive on clients that are dialled already.
func With(mails *azqueue.QueueClient, blobs *azblob.Client) *Archive {
	return &Archive{mails: mails, blobs: blobs}
}
