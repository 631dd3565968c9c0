package custody

import (
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azqueue/v2"
)

// New returns a desk.
func New(orders *azqueue.QueueClient, vault *azblob.Client) *Desk {
	return &Desk{orders: orders, vault: vault}
}
