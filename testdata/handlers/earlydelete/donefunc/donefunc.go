// Package donefunc tags photographs; the message travels as a photo with a function to report the outcome to.
//
// Right: done is a closure made before any work, and deletes; but it does so only when it is given nil, and it is
// given what the write of the tags returned.
//
// Message: {"photo":"ph-3","tags":["sea","sun"]}
package donefunc

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/to"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/container"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azqueue/v2"
)

type photo struct {
	Photo string   `json:"photo"`
	Tags  []string `json:"tags"`

	done func(error) error
}

// Tagger tags.
type Tagger struct {
	Photos *azqueue.QueueClient
	Tags   *container.Client
}

// Tag tags a batch of photographs.
func (t *Tagger) Tag(ctx context.Context) error {
	photos, err := t.photos(ctx)
	if err != nil {
		return err
	}
	var first error
	for _, p := range photos {
		if err := p.done(t.write(ctx, p)); err != nil && first == nil {
			first = err
		}
	}
	return first
}

func (t *Tagger) photos(ctx context.Context) ([]photo, error) {
	r, err := t.Photos.DequeueMessages(ctx, &azqueue.DequeueMessagesOptions{
		NumberOfMessages: to.Ptr(int32(8)), VisibilityTimeout: to.Ptr(int32(240)),
	})
	if err != nil {
		return nil, fmt.Errorf("photos: %w", err)
	}
	var ps []photo
	for _, m := range r.Messages {
		var p photo
		if err := json.Unmarshal([]byte(*m.MessageText), &p); err != nil {
			return nil, fmt.Errorf("photo %s: %w", *m.MessageID, err)
		}
		p.done = func(outcome error) error {
			if outcome != nil {
				return fmt.Errorf("photo %s, delivery %d: %w", p.Photo, *m.DequeueCount, outcome)
			}
			_, err := t.Photos.DeleteMessage(ctx, *m.MessageID, *m.PopReceipt, nil)
			return err
		}
		ps = append(ps, p)
	}
	return ps, nil
}

func (t *Tagger) write(ctx context.Context, p photo) error {
	_, err := t.Tags.NewBlockBlobClient(p.Photo+".tags").UploadBuffer(ctx, []byte(strings.Join(p.Tags, ",")), nil)
	return err
}
