// Package orderstate marks orders as shipped.
//
// Right: the new state is the same at each delivery.
package orderstate

import (
	"context"
	"encoding/json"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/messaging/azservicebus"
	"gorm.io/gorm"
)

// Order is a row.
type Order struct {
	ID        string
	State     string
	ShippedAt time.Time
}

type shipped struct {
	Order string
	At    time.Time
}

// Mark handles one batch.
func Mark(ctx context.Context, rcv *azservicebus.Receiver, db *gorm.DB) error {
	batch, err := rcv.ReceiveMessages(ctx, 10, nil)
	if err != nil {
		return err
	}
	for _, m := range batch {
		var s shipped
		if err := json.Unmarshal(m.Body, &s); err != nil {
			return err
		}
		if err := db.Model(&Order{}).Where("id = ?", s.Order).Updates(map[string]any{"state": "shipped", "shipped_at": s.At}).Error; err != nil {
			return err
		}
		if err := rcv.CompleteMessage(ctx, m, nil); err != nil {
			return err
		}
	}
	return nil
}
