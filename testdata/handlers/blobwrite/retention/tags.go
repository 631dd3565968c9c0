// Package retention tags recordings with the day on which they may be purged.
// Every attempt moves that day.
package retention

import (
	"context"
	"encoding/json"
	"fmt"
	"log"
	"sync"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/to"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/container"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azqueue"
)

type recorded struct {
	Recording string `json:"recording"`
	KeepDays  int    `json:"keepDays"`
}

// Tagger tags recordings.
type Tagger struct {
	Recordings *container.Client
	Inbox      *azqueue.QueueClient
	Logf       func(string, ...any)
}

// Run handles batches, each message in a goroutine of its own.
func (t *Tagger) Run(ctx context.Context) error {
	if t.Logf == nil {
		t.Logf = log.Printf
	}
	for ctx.Err() == nil {
		resp, err := t.Inbox.DequeueMessages(ctx, &azqueue.DequeueMessagesOptions{
			NumberOfMessages:  to.Ptr(int32(16)),
			VisibilityTimeout: to.Ptr(int32(60)),
		})
		if err != nil {
			return fmt.Errorf("retention: %w", err)
		}
		var wg sync.WaitGroup
		for _, m := range resp.Messages {
			wg.Go(func() {
				if err := t.handle(ctx, m); err != nil {
					t.Logf("retention: %s: %v", *m.MessageID, err)
				}
			})
		}
		wg.Wait()
	}
	return ctx.Err()
}

func (t *Tagger) handle(ctx context.Context, m *azqueue.DequeuedMessage) error {
	ctx, cancel := context.WithTimeout(ctx, 20*time.Second)
	defer cancel()
	var r recorded
	if err := json.Unmarshal([]byte(*m.MessageText), &r); err != nil {
		return err
	}
	purge := time.Now().AddDate(0, 0, r.KeepDays)
	tags := map[string]string{
		"kind":        "recording",
		"purge-after": purge.Format("2006-01-02"),
	}
	if _, err := t.Recordings.NewBlobClient(r.Recording).SetTags(ctx, tags, nil); err != nil { // want `content that differs from attempt to attempt.*\(blobwrite\)`
		return err
	}
	_, err := t.Inbox.DeleteMessage(ctx, *m.MessageID, *m.PopReceipt, nil)
	return err
}
