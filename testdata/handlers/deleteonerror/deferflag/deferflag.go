// Package deferflag stores the notes of a choir.
//
// Right: the delete is deferred, but guarded by a flag that is set in the last line alone, after the upload; on every
// error the flag is still down. The error of counting the queue is dropped: the count is for the log.
//
// Message: {"song":"so-2","voice":"alto","notes":"cdefg"}
package deferflag

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/to"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azqueue/v2"
)

// Choir stores notes.
type Choir struct {
	Queue *azqueue.QueueClient
	Blobs *azblob.Client
}

// Rehearse stores a batch of notes.
func (c *Choir) Rehearse(ctx context.Context) error {
	r, err := c.Queue.DequeueMessages(ctx, &azqueue.DequeueMessagesOptions{
		NumberOfMessages: to.Ptr(int32(8)), VisibilityTimeout: to.Ptr(int32(240)),
	})
	if err != nil {
		return fmt.Errorf("notes: %w", err)
	}
	for _, m := range r.Messages {
		if err := c.sing(ctx, m); err != nil {
			slog.Error("notes stay", "id", *m.MessageID, "err", err)
		}
	}
	if p, err := c.Queue.GetProperties(ctx, nil); err == nil && p.ApproximateMessagesCount != nil {
		slog.Info("rehearsed", "left", *p.ApproximateMessagesCount)
	}
	return nil
}

func (c *Choir) sing(ctx context.Context, m *azqueue.DequeuedMessage) error {
	sung := false
	defer func() {
		if !sung {
			return
		}
		if _, err := c.Queue.DeleteMessage(ctx, *m.MessageID, *m.PopReceipt, nil); err != nil {
			slog.Warn("notes come again", "id", *m.MessageID, "err", err)
		}
	}()

	var n struct{ Song, Voice, Notes string }
	if err := json.Unmarshal([]byte(*m.MessageText), &n); err != nil {
		return err
	}
	if _, err := c.Blobs.UploadBuffer(ctx, "choir", n.Song+"/"+n.Voice, []byte(n.Notes), nil); err != nil {
		return fmt.Errorf("%s, %s: %w", n.Song, n.Voice, err)
	}
	sung = true
	return nil
}
