package mq

import (
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/storage/azqueue/v2"
)

// On wraps a client that is there already.
func On(client *azqueue.QueueClient, lease time.Duration) *Queue {
	return &Queue{client: client, lease: lease}
}
