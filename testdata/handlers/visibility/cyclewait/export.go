package elevator

import (
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azqueue/v2"
)

// New returns the control of a cabin.
func New(rides *azqueue.QueueClient, log *azblob.Client) *Control {
	return &Control{rides: rides, log: log}
}
