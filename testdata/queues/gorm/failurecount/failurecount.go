// Package failurecount reads feeds.
//
// Right: what goes up at each delivery is the number of failures, and that is what it is
// for.
package failurecount

import (
	"context"
	"errors"
	"net/http"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/storage/azqueue"
	"gorm.io/gorm"
)

// Feed is a row.
type Feed struct {
	URL          string `gorm:"primaryKey"`
	FailureCount int
	ReadAt       time.Time
}

var client = &http.Client{Timeout: 10 * time.Second}

// Read handles one message: the address of a feed.
func Read(ctx context.Context, queue *azqueue.QueueClient, db *gorm.DB) error {
	resp, err := queue.DequeueMessage(ctx, nil)
	if err != nil || len(resp.Messages) == 0 {
		return err
	}
	m := resp.Messages[0]
	if err := fetch(*m.MessageText); err != nil {
		return errors.Join(err, db.Model(&Feed{}).Where("url = ?", *m.MessageText).
			Updates(map[string]any{"failure_count": gorm.Expr("failure_count + 1")}).Error)
	}
	if err := db.Model(&Feed{}).Where("url = ?", *m.MessageText).Update("read_at", time.Now()).Error; err != nil {
		return err
	}
	_, err = queue.DeleteMessage(ctx, *m.MessageID, *m.PopReceipt, nil)
	return err
}

func fetch(url string) error {
	answer, err := client.Get(url)
	if err != nil {
		return err
	}
	answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		return errors.New(answer.Status)
	}
	return nil
}
