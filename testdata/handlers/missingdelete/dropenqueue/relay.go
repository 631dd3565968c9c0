// Package relay hands orders from the intake to the warehouse's queue.
package relay

import (
	"context"
	"log/slog"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/to"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azqueue/v2"
)

// Relay knows both queues.
type Relay struct {
	intake, warehouse *azqueue.QueueClient
}

// Connect makes the two clients from the service's client.
func Connect(svc *azqueue.ServiceClient) Relay {
	return Relay{intake: svc.NewQueueClient("intake"), warehouse: svc.NewQueueClient("warehouse")}
}

// Forward passes orders on for ever.
func (r Relay) Forward(ctx context.Context) {
	t := time.NewTicker(500 * time.Millisecond)
	defer t.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-t.C:
			r.forwardBatch(ctx)
		}
	}
}

func (r Relay) forwardBatch(ctx context.Context) {
	got, err := r.intake.DequeueMessages(ctx, &azqueue.DequeueMessagesOptions{NumberOfMessages: to.Ptr(int32(16))})
	if err != nil {
		slog.ErrorContext(ctx, "intake", "err", err)
		return
	}
	for _, order := range got.Messages {
		if _, err := r.warehouse.EnqueueMessage(ctx, *order.MessageText, nil); err != nil {
			slog.ErrorContext(ctx, "warehouse", "order", *order.MessageID, "err", err)
			continue
		}
		_, _ = r.intake.DeleteMessage(ctx, *order.MessageID, *order.PopReceipt, nil) // want `error of the settle is dropped.*\(missingdelete\)`
	}
}
