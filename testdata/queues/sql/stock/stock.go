// Package stock takes sold goods off the stock.
//
// Wrong: between the SELECT and the UPDATE another worker may do the same, and the second
// delivery takes them off once more.
package stock

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"

	"github.com/Azure/azure-sdk-for-go/sdk/storage/azqueue"
)

type sale struct {
	SKU string
	Qty int
}

// Shelf is the stock.
type Shelf struct{ db *sql.DB }

// Sell handles one message.
func Sell(ctx context.Context, queue *azqueue.QueueClient, s *Shelf) error {
	resp, err := queue.DequeueMessage(ctx, nil)
	if err != nil || len(resp.Messages) == 0 {
		return err
	}
	m := resp.Messages[0]
	var sold sale
	if err := json.Unmarshal([]byte(*m.MessageText), &sold); err != nil {
		return err
	}
	left, err := s.left(ctx, sold.SKU)
	if err != nil {
		return err
	}
	if left < sold.Qty {
		return fmt.Errorf("%s: %d left", sold.SKU, left)
	}
	if err := s.set(ctx, sold.SKU, left-sold.Qty); err != nil {
		return err
	}
	_, err = queue.DeleteMessage(ctx, *m.MessageID, *m.PopReceipt, nil)
	return err
}

func (s *Shelf) left(ctx context.Context, sku string) (n int, err error) {
	err = s.db.QueryRowContext(ctx, "SELECT quantity FROM stock WHERE sku = ?", sku).Scan(&n)
	return n, err
}

func (s *Shelf) set(ctx context.Context, sku string, n int) error {
	_, err := s.db.ExecContext(ctx, "UPDATE stock SET quantity = ? WHERE sku = ?", n, sku) // want `read-modify-write without a precondition.*\(etag\)`
	return err
}
