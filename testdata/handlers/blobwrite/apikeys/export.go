package apikeys

import (
	"github.com/Azure/azure-sdk-for-go/sdk/data/aztables"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azqueue/v2"
)

// With returns an issuer on clients that are dialled already.
func With(orders *azqueue.QueueClient, keys *aztables.Client, size int) *Issuer {
	return &Issuer{orders: orders, keys: keys, size: size}
}
