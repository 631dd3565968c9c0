// Package badjsonlog shortens links.
//
// Right: a text that is not JSON will not be JSON at the next delivery either; it goes into the log, whole, and is
// deleted. That is the one error that deletes; a failed upload leaves the message.
//
// Message: {"short":"abc","long":"example"}
package badjsonlog

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/to"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azqueue/v2"
)

var errMalformed = errors.New("malformed")

// Shortener shortens.
type Shortener struct {
	Queue *azqueue.QueueClient
	Links *azblob.Client
	Log   *slog.Logger
}

type link struct {
	Short string `json:"short"`
	Long  string `json:"long"`
}

// Shorten handles a batch.
func (s *Shortener) Shorten(ctx context.Context) error {
	r, err := s.Queue.DequeueMessages(ctx, &azqueue.DequeueMessagesOptions{
		NumberOfMessages: to.Ptr(int32(10)), VisibilityTimeout: to.Ptr(int32(120)),
	})
	if err != nil {
		return fmt.Errorf("links: %w", err)
	}
	for _, m := range r.Messages {
		err := s.link(ctx, *m.MessageText)
		switch {
		case errors.Is(err, errMalformed):
			s.Log.Error("dropped for good", "id", *m.MessageID, "text", *m.MessageText, "err", err)
		case err != nil:
			s.Log.Warn("left for the next delivery", "id", *m.MessageID, "err", err)
			continue
		}
		if _, err := s.Queue.DeleteMessage(ctx, *m.MessageID, *m.PopReceipt, nil); err != nil {
			s.Log.Warn("comes again", "id", *m.MessageID, "err", err)
		}
	}
	return nil
}

func (s *Shortener) link(ctx context.Context, text string) error {
	var l link
	if err := json.Unmarshal([]byte(text), &l); err != nil {
		return fmt.Errorf("%w: %v", errMalformed, err)
	}
	_, err := s.Links.UploadBuffer(ctx, "links", l.Short, []byte(l.Long), nil)
	return err
}
