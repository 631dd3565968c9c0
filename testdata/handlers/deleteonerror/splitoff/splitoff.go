// Package splitoff delivers circulars to mailboxes.
//
// Right: a mailbox that fails is logged and the loop goes on, and at the end the message is deleted; but the mailbox
// stands in a message of its own by then. A message with one mailbox is not split further: it stays until it works.
//
// Message: {"circular":"ci-2","boxes":["ada","bob"],"text":"hi"}
package splitoff

import (
	"context"
	"encoding/json"
	"fmt"
	"log"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/to"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azqueue/v2"
)

type circular struct {
	Circular string   `json:"circular"`
	Boxes    []string `json:"boxes"`
	Text     string   `json:"text"`
}

// Post delivers.
type Post struct {
	Queue *azqueue.QueueClient
	Boxes *azblob.Client
}

// Deliver delivers the next circular.
func (p *Post) Deliver(ctx context.Context) error {
	r, err := p.Queue.DequeueMessage(ctx, &azqueue.DequeueMessageOptions{VisibilityTimeout: to.Ptr(int32(120))})
	if err != nil || len(r.Messages) == 0 {
		return err
	}
	m := r.Messages[0]
	var c circular
	if err := json.Unmarshal([]byte(*m.MessageText), &c); err != nil {
		return fmt.Errorf("circular %s: %w", *m.MessageID, err)
	}
	for _, box := range c.Boxes {
		err := p.drop(ctx, c, box)
		if err == nil {
			continue
		}
		if len(c.Boxes) == 1 {
			return fmt.Errorf("circular %s for %s: %w", c.Circular, box, err)
		}
		log.Printf("circular %s for %s is split off: %v", c.Circular, box, err)
		if err := p.splitOff(ctx, c, box); err != nil {
			return fmt.Errorf("circular %s for %s: %w", c.Circular, box, err)
		}
	}
	_, err = p.Queue.DeleteMessage(ctx, *m.MessageID, *m.PopReceipt, nil)
	return err
}

func (p *Post) drop(ctx context.Context, c circular, box string) error {
	_, err := p.Boxes.UploadBuffer(ctx, "boxes", box+"/"+c.Circular, []byte(c.Text), nil)
	return err
}

func (p *Post) splitOff(ctx context.Context, c circular, box string) error {
	c.Boxes = []string{box}
	text, err := json.Marshal(c)
	if err != nil {
		return err
	}
	_, err = p.Queue.EnqueueMessage(ctx, string(text), nil)
	return err
}
