// Package stockexpr takes sold goods off the stock.
//
// Wrong: the expression is relative, and nothing tells that this sale was taken off.
package stockexpr

import (
	"context"
	"encoding/json"

	"github.com/Azure/azure-sdk-for-go/sdk/messaging/azservicebus"
	"gorm.io/gorm"
)

// Article is a row.
type Article struct {
	SKU   string `gorm:"primaryKey"`
	Stock int
}

type sale struct {
	SKU string
	Qty int
}

// Sell takes off what comes.
func Sell(ctx context.Context, rcv *azservicebus.Receiver, db *gorm.DB) error {
	batch, err := rcv.ReceiveMessages(ctx, 1, nil)
	if err != nil {
		return err
	}
	for _, m := range batch {
		var s sale
		if err := json.Unmarshal(m.Body, &s); err != nil {
			return err
		}
		err := db.WithContext(ctx).Model(&Article{}).Where("sku = ?", s.SKU).
			Update("stock", gorm.Expr("stock - ?", s.Qty)).Error // want `applies a change to what is there.*\(increment\)`
		if err != nil {
			return err
		}
		if err := rcv.CompleteMessage(ctx, m, nil); err != nil {
			return err
		}
	}
	return nil
}
