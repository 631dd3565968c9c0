// Package labels writes what the classifier found into the metadata of photos.
package labels

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/to"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/service"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azqueue/v2"
)

const batchSize = 8

type classified struct {
	Album  string            `json:"album"`
	Photo  string            `json:"photo"`
	Labels map[string]string `json:"labels"`
}

// Labeler handles each message of a batch in a goroutine of its own.
type Labeler struct {
	inbox *azqueue.QueueClient
	blobs *service.Client
	log   *slog.Logger
}

// New returns a Labeler.
func New(inbox *azqueue.QueueClient, blobs *service.Client, log *slog.Logger) *Labeler {
	return &Labeler{inbox: inbox, blobs: blobs, log: log}
}

// Batch receives and handles one batch.
func (l *Labeler) Batch(ctx context.Context) error {
	got, err := l.inbox.DequeueMessages(ctx, &azqueue.DequeueMessagesOptions{
		NumberOfMessages:  to.Ptr(int32(batchSize)),
		VisibilityTimeout: to.Ptr(int32(90)),
	})
	if err != nil {
		return fmt.Errorf("labels: %w", err)
	}
	var wg sync.WaitGroup
	for _, m := range got.Messages {
		wg.Add(1)
		go func() {
			defer wg.Done()
			ctx, cancel := context.WithTimeout(ctx, 30*time.Second)
			defer cancel()
			if err := l.handle(ctx, m); err != nil {
				l.log.ErrorContext(ctx, "labels not written", "message", *m.MessageID, "err", err)
			}
		}()
	}
	wg.Wait()
	return nil
}

func (l *Labeler) handle(ctx context.Context, m *azqueue.DequeuedMessage) error {
	var c classified
	if err := json.Unmarshal([]byte(*m.MessageText), &c); err != nil {
		return err
	}
	if err := l.label(ctx, c); err != nil {
		return err
	}
	_, err := l.inbox.DeleteMessage(ctx, *m.MessageID, *m.PopReceipt, nil)
	return err
}

func (l *Labeler) label(ctx context.Context, c classified) error {
	photo := l.blobs.NewContainerClient(c.Album).NewBlobClient(c.Photo)
	props, err := photo.GetProperties(ctx, nil)
	if err != nil {
		return fmt.Errorf("properties of %s: %w", c.Photo, err)
	}
	meta := props.Metadata
	if meta == nil {
		meta = make(map[string]*string, len(c.Labels))
	}
	for k, v := range c.Labels {
		meta[k] = to.Ptr(v)
	}
	_, err = photo.SetMetadata(ctx, meta, nil) // want `read-modify-write without a precondition.*\(etag\)`
	if err != nil {
		return fmt.Errorf("metadata of %s: %w", c.Photo, err)
	}
	return nil
}
