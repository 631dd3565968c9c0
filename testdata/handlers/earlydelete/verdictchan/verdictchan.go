// Package verdictchan checks uploads for viruses in a goroutine that answers over a channel.
//
// Right: the work is in another goroutine, but its answer is waited for, with a deadline that is shorter than the
// lease; without an answer, or with an error, the message stays.
//
// Message: {"upload":"up-7","sha":"00ff"}
package verdictchan

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/to"
	"github.com/Azure/azure-sdk-for-go/sdk/data/aztables"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azqueue"
)

const (
	lease    = 60
	patience = 40 * time.Second
)

// Scanner scans.
type Scanner struct {
	Uploads  *azqueue.QueueClient
	Verdicts *aztables.Client
}

// Scan scans one upload.
func (s *Scanner) Scan(ctx context.Context) error {
	r, err := s.Uploads.DequeueMessage(ctx, &azqueue.DequeueMessageOptions{VisibilityTimeout: to.Ptr(int32(lease))})
	if err != nil || len(r.Messages) == 0 {
		return err
	}
	m := r.Messages[0]

	work, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	answer := make(chan error, 1)
	go func() { answer <- s.verdict(work, *m.MessageText) }()

	select {
	case err := <-answer:
		if err != nil {
			return fmt.Errorf("upload %s: %w", *m.MessageID, err)
		}
	case <-work.Done():
		return fmt.Errorf("upload %s: no verdict: %w", *m.MessageID, work.Err())
	}
	if _, err := s.Uploads.DeleteMessage(ctx, *m.MessageID, *m.PopReceipt, nil); err != nil {
		return fmt.Errorf("delete %s: %w", *m.MessageID, err)
	}
	return nil
}

func (s *Scanner) verdict(ctx context.Context, text string) error {
	var u struct{ Upload, SHA string }
	if err := json.Unmarshal([]byte(text), &u); err != nil {
		return err
	}
	verdict := "clean"
	if len(u.SHA) > 0 && u.SHA[0] == 'f' {
		verdict = "infected"
	}
	row, err := json.Marshal(map[string]string{"PartitionKey": "verdicts", "RowKey": u.Upload, "Verdict": verdict})
	if err != nil {
		return err
	}
	_, err = s.Verdicts.UpsertEntity(ctx, row, nil)
	return err
}
