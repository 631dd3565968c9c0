package sweep

import (
	"github.com/Azure/azure-sdk-for-go/sdk/data/aztables"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azqueue/v2"
)

// New returns a Sweeper.
func New(queue *azqueue.QueueClient, tasks *aztables.Client) *Sweeper {
	return &Sweeper{queue: queue, tasks: tasks}
}
