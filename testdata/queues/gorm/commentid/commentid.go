// Package commentid keeps comments.
//
// Right: the comment's id is the message's; a second insert fails on the primary key, and
// that is told apart.
package commentid

import (
	"context"
	"encoding/json"
	"errors"

	"github.com/Azure/azure-sdk-for-go/sdk/storage/azqueue"
	"gorm.io/gorm"
)

// Comment is a row.
type Comment struct {
	ID     string `gorm:"primaryKey"`
	Author string
	Text   string
}

// Serve handles one message.
func Serve(ctx context.Context, queue *azqueue.QueueClient, db *gorm.DB) error {
	resp, err := queue.DequeueMessage(ctx, nil)
	if err != nil || len(resp.Messages) == 0 {
		return err
	}
	m := resp.Messages[0]
	var in struct{ By, Text string }
	if err := json.Unmarshal([]byte(*m.MessageText), &in); err != nil {
		return err
	}
	err = db.WithContext(ctx).Create(&Comment{ID: *m.MessageID, Author: in.By, Text: in.Text}).Error
	if err != nil && !errors.Is(err, gorm.ErrDuplicatedKey) {
		return err
	}
	_, err = queue.DeleteMessage(ctx, *m.MessageID, *m.PopReceipt, nil)
	return err
}
