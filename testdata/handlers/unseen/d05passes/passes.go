// Package passes makes visitor passes. A pass ends a day after the message was put into the queue, which is a time
// that each delivery of the message has in common.
package passes

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"log"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azqueue"
)

type envelope struct {
	id      string
	receipt string
	text    string
	queued  time.Time
}

type pass struct {
	Visitor string    `json:"visitor"`
	Token   string    `json:"token"`
	Expires time.Time `json:"expires"`
}

// inbox hides the SDK.
type inbox struct{ q *azqueue.QueueClient }

var errEmpty = errors.New("no message")

func (b inbox) next(ctx context.Context) (envelope, error) {
	resp, err := b.q.DequeueMessage(ctx, nil)
	if err != nil {
		return envelope{}, err
	}
	if len(resp.Messages) == 0 {
		return envelope{}, errEmpty
	}
	m := resp.Messages[0]
	return envelope{id: *m.MessageID, receipt: *m.PopReceipt, text: *m.MessageText, queued: *m.InsertionTime}, nil
}

func (b inbox) done(ctx context.Context, e envelope) error {
	_, err := b.q.DeleteMessage(ctx, e.id, e.receipt, nil)
	return err
}

// Serve makes passes until the context ends.
func Serve(ctx context.Context, q *azqueue.QueueClient, blobs *azblob.Client) error {
	in := inbox{q}
	for {
		e, err := in.next(ctx)
		switch {
		case errors.Is(err, errEmpty):
			select {
			case <-time.After(time.Second):
				continue
			case <-ctx.Done():
				return nil
			}
		case err != nil:
			return err
		}
		if err := print(ctx, blobs, e); err != nil {
			log.Printf("passes: %s: %v", e.id, err)
			continue
		}
		if err := in.done(ctx, e); err != nil {
			log.Printf("passes: delete %s: %v", e.id, err)
		}
	}
}

func print(ctx context.Context, blobs *azblob.Client, e envelope) error {
	sum := sha256.Sum256([]byte(e.id + e.text))
	raw, err := json.Marshal(pass{
		Visitor: e.text,
		Token:   hex.EncodeToString(sum[:]),
		Expires: e.queued.UTC().Add(24 * time.Hour),
	})
	if err != nil {
		return err
	}
	_, err = blobs.UploadBuffer(ctx, "passes", e.queued.UTC().Format("2006/01/02/")+e.id, raw, nil)
	return err
}
