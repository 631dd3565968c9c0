// Package cooling runs test benches; the message is deleted by a deferred closure, after the bench cooled down.
package cooling

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/to"
	"github.com/Azure/azure-sdk-for-go/sdk/data/aztables"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azqueue/v2"
)

// Bench is one test bench.
type Bench struct {
	Name    string
	Orders  *azqueue.QueueClient
	Results *aztables.Client
}

// Test runs the next order.
func (b *Bench) Test(ctx context.Context) (err error) {
	r, err := b.Orders.DequeueMessage(ctx, &azqueue.DequeueMessageOptions{VisibilityTimeout: to.Ptr(int32(120))})
	if err != nil || len(r.Messages) == 0 {
		return err
	}
	order := r.Messages[0]
	defer func() {
		if err != nil {
			slog.Error("bench", "name", b.Name, "order", *order.MessageID, "delivery", *order.DequeueCount, "err", err)
			return
		}
		time.Sleep(4 * time.Minute) // want `can outlast the lease.*\(visibility\)`
		_, err = b.Orders.DeleteMessage(ctx, *order.MessageID, *order.PopReceipt, nil)
	}()
	row := fmt.Sprintf(`{"PartitionKey":%q,"RowKey":%q,"Order":%q}`, b.Name, *order.MessageID, *order.MessageText)
	_, err = b.Results.UpsertEntity(ctx, []byte(row), nil)
	return err
}
