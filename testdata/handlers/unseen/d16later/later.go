// Package later publishes posts at the time that is in the message. A post whose time has not come is hidden until
// then, and stays in the queue on purpose.
package later

import (
	"context"
	"encoding/json"
	"log"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/to"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azqueue"
)

type post struct {
	At   time.Time `json:"at"`
	HTML string    `json:"html"`
}

// Scheduler publishes posts.
type Scheduler struct {
	Posts *azqueue.QueueClient
	Site  *azblob.Client
	Name  string // of the site's container
}

// Run ends with the context.
func (s *Scheduler) Run(ctx context.Context) error {
	for {
		resp, err := s.Posts.DequeueMessage(ctx, nil)
		if err != nil {
			return err
		}
		if len(resp.Messages) == 0 {
			t := time.NewTimer(15 * time.Second)
			select {
			case <-ctx.Done():
				t.Stop()
				return nil
			case <-t.C:
			}
			continue
		}
		if err := s.handle(ctx, resp.Messages[0]); err != nil {
			log.Printf("later: %v", err)
		}
	}
}

func (s *Scheduler) handle(ctx context.Context, m *azqueue.DequeuedMessage) error {
	var p post
	if err := json.Unmarshal([]byte(*m.MessageText), &p); err != nil {
		return err
	}
	if wait := time.Until(p.At); wait > 0 {
		return s.postpone(ctx, m, wait)
	}
	if _, err := s.Site.UploadBuffer(ctx, s.Name, "posts/"+*m.MessageID+".html", []byte(p.HTML), nil); err != nil {
		return err
	}
	_, err := s.Posts.DeleteMessage(ctx, *m.MessageID, *m.PopReceipt, nil)
	return err
}

func (s *Scheduler) postpone(ctx context.Context, m *azqueue.DequeuedMessage, wait time.Duration) error {
	seconds := min(int32(wait/time.Second)+1, 24*3600)
	_, err := s.Posts.UpdateMessage(ctx, *m.MessageID, *m.PopReceipt, *m.MessageText, &azqueue.UpdateMessageOptions{VisibilityTimeout: to.Ptr(seconds)})
	return err
}
