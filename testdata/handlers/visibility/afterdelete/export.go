package washer

import (
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azqueue/v2"
)

// New returns a washer.
func New(queue *azqueue.QueueClient, book *azblob.Client) *Washer {
	return &Washer{queue: queue, book: book}
}
