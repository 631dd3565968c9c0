// Package fanout splits a mailing into one message per recipient.
//
// Wrong: a delete that fails goes unnoticed and all recipients are enqueued again.
package fanout

import (
	"context"
	"encoding/json"
	"log/slog"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/storage/azqueue"
)

// Mailing is what comes in.
type Mailing struct {
	ID         string   `json:"id"`
	Template   string   `json:"template"`
	Recipients []string `json:"recipients"`
}

type letter struct {
	Mailing  string `json:"mailing"`
	Template string `json:"template"`
	To       string `json:"to"`
}

// Splitter splits.
type Splitter struct {
	in, out *azqueue.QueueClient
}

// NewSplitter returns a Splitter.
func NewSplitter(in, out *azqueue.QueueClient) *Splitter { return &Splitter{in: in, out: out} }

// Run splits until dequeuing fails.
func (s *Splitter) Run(ctx context.Context) error {
	for {
		resp, err := s.in.DequeueMessage(ctx, nil)
		if err != nil {
			return err
		}
		if len(resp.Messages) == 0 {
			time.Sleep(time.Second)
			continue
		}
		m := resp.Messages[0]
		id, receipt := *m.MessageID, *m.PopReceipt
		if err := s.split(ctx, *m.MessageText); err != nil {
			slog.Error("split", "id", id, "count", *m.DequeueCount, "err", err)
			continue
		}
		s.remove(ctx, id, receipt)
	}
}

func (s *Splitter) split(ctx context.Context, text string) error {
	var mailing Mailing
	if err := json.Unmarshal([]byte(text), &mailing); err != nil {
		return err
	}
	for _, to := range mailing.Recipients {
		raw, err := json.Marshal(letter{Mailing: mailing.ID, Template: mailing.Template, To: to})
		if err != nil {
			return err
		}
		if _, err := s.out.EnqueueMessage(ctx, string(raw), nil); err != nil {
			return err
		}
	}
	return nil
}

func (s *Splitter) remove(ctx context.Context, id, receipt string) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
	defer cancel()
	_, _ = s.in.DeleteMessage(ctx, id, receipt, nil) // want `error of the settle is dropped.*\(missingdelete\)`
}
