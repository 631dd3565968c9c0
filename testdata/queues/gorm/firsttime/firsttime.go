// Package firsttime opens an account for each customer.
//
// Right for one delivery after another: the account is looked for and made only where it
// is not there. The unique index stops two at once.
package firsttime

import (
	"context"
	"encoding/json"

	"github.com/Azure/azure-sdk-for-go/sdk/storage/azqueue"
	"gorm.io/gorm"
)

// Account is a row.
type Account struct {
	ID       uint
	Customer string `gorm:"uniqueIndex"`
	Limit    int
}

// Open handles one message.
func Open(ctx context.Context, queue *azqueue.QueueClient, db *gorm.DB) error {
	resp, err := queue.DequeueMessage(ctx, nil)
	if err != nil || len(resp.Messages) == 0 {
		return err
	}
	m := resp.Messages[0]
	var in struct{ Customer string }
	if err := json.Unmarshal([]byte(*m.MessageText), &in); err != nil {
		return err
	}
	acc := Account{Customer: in.Customer, Limit: 100}
	if err := db.WithContext(ctx).Where("customer = ?", in.Customer).FirstOrCreate(&acc).Error; err != nil {
		return err
	}
	_, err = queue.DeleteMessage(ctx, *m.MessageID, *m.PopReceipt, nil)
	return err
}
