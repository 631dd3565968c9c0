// Package webhooks files inbound webhooks by their kind.
//
// Right: each case of the type switch ends in the one delete below it; an unknown kind is moved to the poison
// queue first, and a poison queue that is down leaves the message where it is.
package webhooks

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azqueue"
)

type (
	push struct {
		Ref string `json:"ref"`
	}
	release struct {
		Tag string `json:"tag"`
	}
	unknown struct{ raw string }
)

func classify(raw string) (any, error) {
	var head struct {
		Kind string          `json:"kind"`
		Body json.RawMessage `json:"body"`
	}
	if err := json.Unmarshal([]byte(raw), &head); err != nil {
		return nil, err
	}
	switch head.Kind {
	case "push":
		v := new(push)
		return v, json.Unmarshal(head.Body, v)
	case "release":
		v := new(release)
		return v, json.Unmarshal(head.Body, v)
	}
	return unknown{raw}, nil
}

// Server owns the clients.
type Server struct {
	inbox, poison *azqueue.QueueClient
	blobs         *azblob.Client
	closer        io.Closer
}

// Run ends with the context.
func (s *Server) Run(ctx context.Context) error {
	defer s.closer.Close()
	for ctx.Err() == nil {
		out, err := s.inbox.DequeueMessages(ctx, nil)
		if err != nil {
			return fmt.Errorf("inbox: %w", err)
		}
		if len(out.Messages) == 0 {
			time.Sleep(time.Second)
		}
	messages:
		for _, m := range out.Messages {
			hook, err := classify(*m.MessageText)
			if err != nil {
				slog.Error("classify", "hook", *m.MessageID, "err", err)
				continue messages
			}
			switch h := hook.(type) {
			case *push:
				_, err = s.blobs.UploadBuffer(ctx, "pushes", *m.MessageID, []byte(h.Ref), nil)
			case *release:
				_, err = s.blobs.UploadBuffer(ctx, "releases", *m.MessageID, []byte(h.Tag), nil)
			case unknown:
				_, err = s.poison.EnqueueMessage(ctx, h.raw, nil)
			}
			if err != nil {
				slog.Error("file", "hook", *m.MessageID, "delivery", *m.DequeueCount, "err", err)
				continue messages
			}
			if _, err := s.inbox.DeleteMessage(ctx, *m.MessageID, *m.PopReceipt, nil); err != nil {
				slog.Error("delete", "hook", *m.MessageID, "err", err)
			}
		}
	}
	return nil
}
