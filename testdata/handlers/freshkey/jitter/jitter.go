// Package jitter stores letters, and lets a letter that could not be stored come back
// after a random time.
//
// Right although there is chance in it: it decides when the message is seen again, not
// what is stored or under which name. The message's text is handed back as it was.
//
// Message: {"letter":"l-1","text":"dear sir"}
package jitter

import (
	"context"
	"encoding/json"
	"fmt"
	"log"
	"math/rand/v2"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/to"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/container"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azqueue"
)

type letter struct {
	Letter string `json:"letter"`
	Text   string `json:"text"`
}

// Archive stores letters.
type Archive struct {
	Queue   *azqueue.QueueClient
	Letters *container.Client
}

// Run stores until ctx ends.
func (a *Archive) Run(ctx context.Context) error {
	for ctx.Err() == nil {
		resp, err := a.Queue.DequeueMessage(ctx, &azqueue.DequeueMessageOptions{VisibilityTimeout: to.Ptr(int32(120))})
		if err != nil {
			return err
		}
		if len(resp.Messages) == 0 {
			time.Sleep(time.Second)
			continue
		}
		m := resp.Messages[0]
		if err := a.store(ctx, *m.MessageText); err != nil {
			log.Printf("message %s: %v", *m.MessageID, err)
			if err := a.later(ctx, m); err != nil {
				return err
			}
			continue
		}
		if _, err := a.Queue.DeleteMessage(context.WithoutCancel(ctx), *m.MessageID, *m.PopReceipt, nil); err != nil {
			return fmt.Errorf("delete: %w", err)
		}
	}
	return ctx.Err()
}

func (a *Archive) store(ctx context.Context, text string) error {
	var l letter
	if err := json.Unmarshal([]byte(text), &l); err != nil {
		return err
	}
	_, err := a.Letters.NewBlockBlobClient(l.Letter+".txt").UploadBuffer(ctx, []byte(l.Text), nil)
	return err
}

// later hides the message for 30 to 60 seconds, longer with each delivery.
func (a *Archive) later(ctx context.Context, m *azqueue.DequeuedMessage) error {
	seconds := min(*m.DequeueCount, 20) * (30 + rand.Int64N(30))
	_, err := a.Queue.UpdateMessage(context.WithoutCancel(ctx), *m.MessageID, *m.PopReceipt, *m.MessageText, &azqueue.UpdateMessageOptions{
		VisibilityTimeout: to.Ptr(int32(seconds)),
	})
	return err
}
