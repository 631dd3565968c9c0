// Package reserve reserves stock for orders.
//
// Wrong: the store reads a row, changes it and writes it back whatever became of it meanwhile.
package reserve

import (
	"context"
	"encoding/json"
	"log/slog"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/to"
	"github.com/Azure/azure-sdk-for-go/sdk/data/aztables"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azqueue/v2"
	"github.com/idemlint/idemlint/testdata/handlers/unseen/c05stockreserve/tablestore"
)

// Inventory reserves stock.
type Inventory interface {
	Reserve(ctx context.Context, sku, order string, qty int) error
}

// Worker is constructed by New.
type Worker struct {
	queue     *azqueue.QueueClient
	inventory Inventory
}

type request struct {
	Order string `json:"order"`
	SKU   string `json:"sku"`
	Qty   int    `json:"qty"`
}

// New returns a Worker over a table.
func New(queue *azqueue.QueueClient, stock *aztables.Client) *Worker {
	return &Worker{queue: queue, inventory: tablestore.New(stock)}
}

// Loop reserves until the context ends.
func (w *Worker) Loop(ctx context.Context) {
	for ctx.Err() == nil {
		n, err := w.step(ctx)
		if err != nil {
			slog.Error("reserve", "err", err)
		}
		if n == 0 {
			time.Sleep(time.Second)
		}
	}
}

func (w *Worker) step(ctx context.Context) (int, error) {
	out, err := w.queue.DequeueMessages(ctx, &azqueue.DequeueMessagesOptions{NumberOfMessages: to.Ptr[int32](4), VisibilityTimeout: to.Ptr[int32](60)})
	if err != nil {
		return 0, err
	}
	for _, m := range out.Messages {
		var r request
		if err := json.Unmarshal([]byte(*m.MessageText), &r); err != nil {
			return 0, err
		}
		if err := w.inventory.Reserve(ctx, r.SKU, r.Order, r.Qty); err != nil { // want `wildcard.*\(etag\)`
			return 0, err
		}
		if _, err := w.queue.DeleteMessage(ctx, *m.MessageID, *m.PopReceipt, nil); err != nil {
			return 0, err
		}
	}
	return len(out.Messages), nil
}
