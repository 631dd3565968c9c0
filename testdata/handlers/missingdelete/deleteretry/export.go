package minutes

import (
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azqueue/v2"
)

// NewSecretaryOn works on clients that are there already; the queue's should not retry.
func NewSecretaryOn(queue *azqueue.QueueClient, files *azblob.Client) *Secretary {
	return &Secretary{queue: queue, files: files}
}
