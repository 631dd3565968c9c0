// Package ledgertx books entries.
//
// Right: the message's id is kept in the same transaction; its primary key refuses the
// second one, and the entry with it.
package ledgertx

import (
	"context"
	"encoding/json"
	"errors"

	"github.com/Azure/azure-sdk-for-go/sdk/storage/azqueue"
	"gorm.io/gorm"
)

// Handled is a message that was booked.
type Handled struct {
	ID string `gorm:"primaryKey"`
}

// Entry is a row.
type Entry struct {
	gorm.Model
	Account string
	Cents   int64
}

// Book handles one message.
func Book(ctx context.Context, queue *azqueue.QueueClient, db *gorm.DB) error {
	resp, err := queue.DequeueMessage(ctx, nil)
	if err != nil || len(resp.Messages) == 0 {
		return err
	}
	m := resp.Messages[0]
	var in struct {
		Account string
		Cents   int64
	}
	if err := json.Unmarshal([]byte(*m.MessageText), &in); err != nil {
		return err
	}
	err = db.WithContext(ctx).Transaction(func(tx *gorm.DB) error {
		if err := tx.Create(&Handled{ID: *m.MessageID}).Error; err != nil {
			return err
		}
		return tx.Create(&Entry{Account: in.Account, Cents: in.Cents}).Error
	})
	if err != nil && !errors.Is(err, gorm.ErrDuplicatedKey) {
		return err
	}
	_, err = queue.DeleteMessage(ctx, *m.MessageID, *m.PopReceipt, nil)
	return err
}
