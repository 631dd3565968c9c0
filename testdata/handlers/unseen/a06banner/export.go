package banner

import (
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/blockblob"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azqueue/v2"
)

// New returns a Service that shows banners there.
func New(queue *azqueue.QueueClient, slot *blockblob.Client) *Service {
	return &Service{queue: queue, slot: slot}
}
