// Package comment keeps comments.
//
// Wrong: the comment's id is the database's.
package comment

import (
	"context"
	"encoding/json"

	"github.com/Azure/azure-sdk-for-go/sdk/storage/azqueue"
	"gorm.io/gorm"
)

// Comment is a row.
type Comment struct {
	ID     uint `gorm:"primaryKey"`
	Author string
	Text   string
}

type posted struct{ By, Text string }

// Repo keeps comments.
type Repo struct{ db *gorm.DB }

// Add adds one.
func (r Repo) Add(ctx context.Context, c *Comment) error {
	return r.db.WithContext(ctx).Create(c).Error // want `gorm Create inserts without a key of the message.*\(sideeffect\)`
}

// Serve handles one message.
func Serve(ctx context.Context, queue *azqueue.QueueClient, repo Repo) error {
	resp, err := queue.DequeueMessage(ctx, nil)
	if err != nil || len(resp.Messages) == 0 {
		return err
	}
	m := resp.Messages[0]
	var p posted
	if err := json.Unmarshal([]byte(*m.MessageText), &p); err != nil {
		return err
	}
	if err := repo.Add(ctx, &Comment{Author: p.By, Text: p.Text}); err != nil {
		return err
	}
	_, err = queue.DeleteMessage(ctx, *m.MessageID, *m.PopReceipt, nil)
	return err
}
