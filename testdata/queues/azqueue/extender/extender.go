// Package extender has the renewal in a method of its own.
//
// Wrong: the method has the new receipt and keeps it to itself.
package extender

import (
	"context"
	"encoding/json"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/to"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/container"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azqueue/v2"
)

// Studio renders scenes.
type Studio struct {
	scenes *azqueue.QueueClient
	films  *container.Client
}

type scene struct {
	Film, Name string
	Frames     [][]byte
}

func (s *Studio) extend(ctx context.Context, m *azqueue.DequeuedMessage, by time.Duration) error {
	_, err := s.scenes.UpdateMessage(ctx, *m.MessageID, *m.PopReceipt, *m.MessageText, &azqueue.UpdateMessageOptions{ // want `new receipt is dropped.*\(stalereceipt\)`
		VisibilityTimeout: to.Ptr(int32(by.Seconds())),
	})
	return err
}

func (s *Studio) render(ctx context.Context, m *azqueue.DequeuedMessage) error {
	var sc scene
	if err := json.Unmarshal([]byte(*m.MessageText), &sc); err != nil {
		return err
	}
	if err := s.extend(ctx, m, time.Duration(len(sc.Frames))*time.Second); err != nil {
		return err
	}
	var film []byte
	for _, f := range sc.Frames {
		film = append(film, f...)
	}
	_, err := s.films.NewBlockBlobClient(sc.Film+"/"+sc.Name).UploadBuffer(ctx, film, nil)
	return err
}

// Work renders what is in the queue.
func (s *Studio) Work(ctx context.Context) error {
	for {
		r, err := s.scenes.DequeueMessage(ctx, &azqueue.DequeueMessageOptions{VisibilityTimeout: to.Ptr(int32(30))})
		if err != nil || len(r.Messages) == 0 {
			return err
		}
		m := r.Messages[0]
		if err := s.render(ctx, m); err != nil {
			return err
		}
		if _, err := s.scenes.DeleteMessage(ctx, *m.MessageID, *m.PopReceipt, nil); err != nil {
			return err
		}
	}
}
