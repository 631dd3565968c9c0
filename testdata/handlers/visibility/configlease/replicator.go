// Package replication waits until an object has settled in the first region before it marks it for the second.
package replication

import (
	"context"
	"fmt"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/to"
	"github.com/Azure/azure-sdk-for-go/sdk/data/aztables"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azqueue/v2"
)

// Replicator marks objects.
type Replicator struct {
	cfg   Config
	queue *azqueue.QueueClient
	marks *aztables.Client
}

// New uses the defaults.
func New(queues *azqueue.ServiceClient, marks *aztables.Client) *Replicator {
	cfg := defaults()
	return &Replicator{cfg: cfg, queue: queues.NewQueueClient(cfg.Queue), marks: marks}
}

// Run ends with an error.
func (r *Replicator) Run(ctx context.Context) error {
	lease := int32(r.cfg.Visibility / time.Second)
	for {
		batch, err := r.queue.DequeueMessage(ctx, &azqueue.DequeueMessageOptions{VisibilityTimeout: to.Ptr(lease)})
		if err != nil {
			return err
		}
		for _, m := range batch.Messages {
			time.Sleep(r.cfg.Settle) // want `can outlast the lease.*\(visibility\)`
			mark := fmt.Sprintf(`{"PartitionKey":"eu","RowKey":%q,"Object":%q}`, *m.MessageID, *m.MessageText)
			if _, err := r.marks.UpsertEntity(ctx, []byte(mark), nil); err != nil {
				return fmt.Errorf("mark, delivery %d: %w", *m.DequeueCount, err)
			}
			if _, err := r.queue.DeleteMessage(ctx, *m.MessageID, *m.PopReceipt, nil); err != nil {
				return err
			}
		}
	}
}
