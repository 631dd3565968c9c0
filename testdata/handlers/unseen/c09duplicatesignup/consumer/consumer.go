// Package consumer consumes sign-ups.
//
// Wrong: a sign-up that is already recorded is skipped, but its message stays in the queue.
package consumer

import (
	"context"
	"encoding/json"
	"errors"
	"log"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/to"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azqueue/v2"
	"github.com/idemlint/idemlint/testdata/handlers/unseen/c09duplicatesignup/signups"
)

// Consumer is constructed by New.
type Consumer struct {
	q     *azqueue.QueueClient
	store *signups.Store
	lg    *log.Logger
}

// New returns a Consumer.
func New(q *azqueue.QueueClient, store *signups.Store, lg *log.Logger) *Consumer {
	return &Consumer{q: q, store: store, lg: lg}
}

type signup struct {
	List    string `json:"list"`
	Address string `json:"address"`
}

// Run consumes.
func (c *Consumer) Run(ctx context.Context) error {
	for {
		page, err := c.q.DequeueMessages(ctx, &azqueue.DequeueMessagesOptions{NumberOfMessages: to.Ptr(int32(16)), VisibilityTimeout: to.Ptr(int32(90))})
		if err != nil {
			return err
		}
		for _, m := range page.Messages {
			err := c.record(ctx, m)
			if errors.Is(err, signups.ErrDuplicate) {
				c.lg.Printf("signup %s: duplicate, skipped", *m.MessageID)
				continue // want `already done.*unsettled.*\(missingdelete\)`
			}
			if err != nil {
				c.lg.Printf("signup %s (%d): %v", *m.MessageID, *m.DequeueCount, err)
				continue
			}
			if _, err := c.q.DeleteMessage(ctx, *m.MessageID, *m.PopReceipt, nil); err != nil {
				c.lg.Printf("signup %s: delete: %v", *m.MessageID, err)
			}
		}
		if len(page.Messages) == 0 {
			time.Sleep(3 * time.Second)
		}
	}
}

func (c *Consumer) record(ctx context.Context, m *azqueue.DequeuedMessage) error {
	var s signup
	if err := json.Unmarshal([]byte(*m.MessageText), &s); err != nil {
		return err
	}
	return c.store.Insert(ctx, s.List, s.Address)
}
