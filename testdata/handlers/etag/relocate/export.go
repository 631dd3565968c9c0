package mover

import (
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/container"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azqueue/v2"
)

// New returns a Mover.
func New(docs *container.Client, queue *azqueue.QueueClient) *Mover {
	return &Mover{docs: docs, queue: queue}
}
