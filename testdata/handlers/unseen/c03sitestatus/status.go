// Package sitestatus shows the state of a plant on a dashboard that reads one blob.
//
// Wrong: the blob's name is configured, so all readings write the same one.
package sitestatus

import (
	"bytes"
	"context"
	"encoding/json"
	"log"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/streaming"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/container"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azqueue"
)

// Options are the command line's.
type Options struct {
	DashboardBlob string
	IdleWait      time.Duration
}

// Reading is sent by a gateway.
type Reading struct {
	Gateway     string    `json:"gateway"`
	Sequence    int64     `json:"sequence"`
	Temperature float64   `json:"temperature"`
	TakenAt     time.Time `json:"takenAt"`
}

// Sink takes documents.
type Sink interface {
	Write(ctx context.Context, name string, doc []byte) error
}

type blobSink struct{ c *container.Client }

func (s blobSink) Write(ctx context.Context, name string, doc []byte) error {
	body := streaming.NopCloser(bytes.NewReader(doc))
	_, err := s.c.NewBlockBlobClient(name).Upload(ctx, body, nil) // want `key that several messages share.*\(blobwrite\)`
	return err
}

// Updater updates the dashboard.
type Updater struct {
	readings *azqueue.QueueClient
	sink     Sink
	opts     Options
}

// New returns an Updater over blob storage.
func New(readings *azqueue.QueueClient, c *container.Client, opts Options) *Updater {
	if opts.IdleWait == 0 {
		opts.IdleWait = 5 * time.Second
	}
	return &Updater{readings: readings, sink: blobSink{c}, opts: opts}
}

// Run never returns nil.
func (u *Updater) Run(ctx context.Context) error {
	for {
		resp, err := u.readings.DequeueMessage(ctx, nil)
		if err != nil {
			return err
		}
		if len(resp.Messages) == 0 {
			select {
			case <-ctx.Done():
				return ctx.Err()
			case <-time.After(u.opts.IdleWait):
			}
			continue
		}
		m := resp.Messages[0]
		if err := u.update(ctx, []byte(*m.MessageText)); err != nil {
			log.Printf("reading %s (try %d): %v", *m.MessageID, *m.DequeueCount, err)
			continue
		}
		if _, err := u.readings.DeleteMessage(ctx, *m.MessageID, *m.PopReceipt, nil); err != nil {
			log.Printf("reading %s: delete: %v", *m.MessageID, err)
		}
	}
}

func (u *Updater) update(ctx context.Context, text []byte) error {
	var r Reading
	if err := json.Unmarshal(text, &r); err != nil {
		return err
	}
	doc, err := json.MarshalIndent(r, "", "  ")
	if err != nil {
		return err
	}
	return u.sink.Write(ctx, u.opts.DashboardBlob, doc)
}
