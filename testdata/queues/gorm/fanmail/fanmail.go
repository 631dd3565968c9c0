// Package fanmail keeps letters and counts them.
//
// Wrong twice: the letter is inserted again, and counted again.
package fanmail

import (
	"context"
	"encoding/json"

	"github.com/Azure/azure-sdk-for-go/sdk/storage/azqueue"
	"gorm.io/gorm"
)

// Letter is a row.
type Letter struct {
	gorm.Model
	Star, Text string
}

// Star is a row.
type Star struct {
	Name    string `gorm:"primaryKey"`
	Letters int
}

// Keep handles one message.
func Keep(ctx context.Context, queue *azqueue.QueueClient, db *gorm.DB) error {
	resp, err := queue.DequeueMessage(ctx, nil)
	if err != nil || len(resp.Messages) == 0 {
		return err
	}
	m := resp.Messages[0]
	var in struct{ Star, Text string }
	if err := json.Unmarshal([]byte(*m.MessageText), &in); err != nil {
		return err
	}
	if err := db.Create(&Letter{Star: in.Star, Text: in.Text}).Error; err != nil { // want `gorm Create inserts without a key of the message.*\(sideeffect\)`
		return err
	}
	if err := db.Model(&Star{}).Where("name = ?", in.Star).UpdateColumn("letters", gorm.Expr("letters + 1")).Error; err != nil { // want `applies a change to what is there.*\(increment\)`
		return err
	}
	_, err = queue.DeleteMessage(ctx, *m.MessageID, *m.PopReceipt, nil)
	return err
}
