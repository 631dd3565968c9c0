package skipped

import (
	"github.com/Azure/azure-sdk-for-go/sdk/data/aztables"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azqueue/v2"
)

// New returns a Worker.
func New(queue, bad *azqueue.QueueClient, blobs *azblob.Client, marks *aztables.Client) *Worker {
	return &Worker{queue: queue, bad: bad, blobs: blobs, marks: marks}
}
