package tags

import (
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/container"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azqueue/v2"
)

// New returns a printer.
func New(queue *azqueue.QueueClient, spool *container.Client) *Printer {
	return &Printer{queue: queue, spool: spool}
}
