package logship

import (
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/container"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azqueue/v2"
)

// With returns a shipper to a container that is dialled already.
func With(bundles *azqueue.QueueClient, target *container.Client) *Shipper {
	return &Shipper{bundles: bundles, target: target}
}
