// Package archive moves recordings to the cool tier and labels them.
//
// Right although it sets tier, headers, tags and metadata without conditions, in
// a goroutine for each message: all of them are functions of the message (the
// purge day is counted from the day of recording, not from today).
package archive

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/to"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/blob"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azqueue"
)

type recording struct {
	Name     string    `json:"name"`
	Recorded time.Time `json:"recorded"`
	KeepDays int       `json:"keepDays"`
	Codec    string    `json:"codec"`
}

const parallel = 8

// Archiver archives recordings.
type Archiver struct {
	q     *azqueue.QueueClient
	c     *azblob.Client
	slots chan struct{}
}

// New returns an Archiver.
func New(q *azqueue.QueueClient, c *azblob.Client) *Archiver {
	return &Archiver{q: q, c: c, slots: make(chan struct{}, parallel)}
}

// Run takes a message whenever a slot is free.
func (a *Archiver) Run(ctx context.Context) error {
	var wg sync.WaitGroup
	defer wg.Wait()
	for ctx.Err() == nil {
		a.slots <- struct{}{}
		resp, err := a.q.DequeueMessage(ctx, nil)
		if err != nil {
			return err
		}
		wg.Add(1)
		go func(messages []*azqueue.DequeuedMessage) {
			defer wg.Done()
			defer func() { <-a.slots }()
			for _, m := range messages {
				if err := a.handle(m); err != nil {
					slog.Error("not archived", "message", *m.MessageID, "err", err)
				}
			}
		}(resp.Messages)
	}
	return ctx.Err()
}

func (a *Archiver) handle(m *azqueue.DequeuedMessage) error {
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	var r recording
	if err := json.Unmarshal([]byte(*m.MessageText), &r); err != nil {
		return err
	}
	b := a.c.ServiceClient().NewContainerClient("recordings").NewBlobClient(r.Name)
	purge := r.Recorded.AddDate(0, 0, r.KeepDays).Format(time.DateOnly)
	_, tagErr := b.SetTags(ctx, map[string]string{"purge-after": purge}, nil)
	_, metaErr := b.SetMetadata(ctx, map[string]*string{"codec": &r.Codec}, nil)
	_, headErr := b.SetHTTPHeaders(ctx, blob.HTTPHeaders{BlobContentType: to.Ptr("audio/" + r.Codec)}, nil)
	if err := errors.Join(tagErr, metaErr, headErr); err != nil {
		return fmt.Errorf("label %s: %w", r.Name, err)
	}
	if _, err := b.SetTier(ctx, blob.AccessTierCool, nil); err != nil {
		return fmt.Errorf("tier of %s: %w", r.Name, err)
	}
	_, err := a.q.DeleteMessage(ctx, *m.MessageID, *m.PopReceipt, nil)
	return err
}
