// Package reminders materialises reminders when they are due.
//
// Right: what is not due yet is hidden again for a while and not deleted; nothing was done for it.
package reminders

import (
	"context"
	"encoding/json"
	"log/slog"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/to"
	"github.com/Azure/azure-sdk-for-go/sdk/data/aztables"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azqueue/v2"
)

type action int

const (
	retry action = iota
	remove
	postpone
)

// Reminder is the message.
type Reminder struct {
	ID   string    `json:"id"`
	User string    `json:"user"`
	Text string    `json:"text"`
	Due  time.Time `json:"due"`
}

// Service is constructed by New.
type Service struct {
	queue *azqueue.QueueClient
	inbox *aztables.Client
	now   func() time.Time
}

// New returns a Service.
func New(queue *azqueue.QueueClient, inbox *aztables.Client) *Service {
	return &Service{queue: queue, inbox: inbox, now: time.Now}
}

// Run serves.
func (s *Service) Run(ctx context.Context) error {
	for {
		resp, err := s.queue.DequeueMessage(ctx, nil)
		if err != nil {
			return err
		}
		if len(resp.Messages) == 0 {
			time.Sleep(time.Second)
			continue
		}
		m := resp.Messages[0]
		act, err := s.decide(ctx, *m.MessageText)
		if err != nil {
			slog.Error("reminder", "id", *m.MessageID, "count", *m.DequeueCount, "err", err)
		}
		switch act {
		case remove:
			_, err = s.queue.DeleteMessage(ctx, *m.MessageID, *m.PopReceipt, nil)
		case postpone:
			_, err = s.queue.UpdateMessage(ctx, *m.MessageID, *m.PopReceipt, *m.MessageText, &azqueue.UpdateMessageOptions{VisibilityTimeout: to.Ptr(int32(600))})
		default:
			continue
		}
		if err != nil {
			slog.Error("settle", "id", *m.MessageID, "err", err)
		}
	}
}

func (s *Service) decide(ctx context.Context, text string) (action, error) {
	var r Reminder
	if err := json.Unmarshal([]byte(text), &r); err != nil {
		return retry, err
	}
	if s.now().Before(r.Due) {
		return postpone, nil
	}
	raw, err := json.Marshal(map[string]string{"PartitionKey": r.User, "RowKey": r.ID, "Text": r.Text})
	if err != nil {
		return retry, err
	}
	if _, err := s.inbox.UpsertEntity(ctx, raw, nil); err != nil {
		return retry, err
	}
	return remove, nil
}
