// Package tickets opens a support ticket for each complaint.
//
// Wrong: the ticket's number is drawn three calls down, and create-only on a number
// that nobody else has protects nothing. Created, crash, delivered again: the
// customer has two tickets.
//
// Message: {"customer":"c-1","text":"it leaks"}
// Before: container tickets exists
package tickets

import (
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"strings"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/to"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/blob"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azqueue"
)

const alphabet = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"

func draw(n int) string {
	var b strings.Builder
	for range n {
		b.WriteByte(alphabet[rand.IntN(len(alphabet))])
	}
	return b.String()
}

func number(prefix string) string { return prefix + "-" + draw(10) }

type ticket struct {
	number string
	body   []byte
}

func (t ticket) path() string { return "open/" + t.number + ".json" }

func newTicket(text string) (ticket, error) {
	var c struct{ Customer, Text string }
	if err := json.Unmarshal([]byte(text), &c); err != nil {
		return ticket{}, err
	}
	body, err := json.Marshal(c)
	return ticket{number: number("TCK"), body: body}, err
}

// Desk opens tickets.
type Desk struct {
	Queue *azqueue.QueueClient
	Blobs *azblob.Client
}

// Run opens tickets until something fails.
func (d *Desk) Run(ctx context.Context) error {
	for {
		resp, err := d.Queue.DequeueMessage(ctx, &azqueue.DequeueMessageOptions{VisibilityTimeout: to.Ptr(int32(60))})
		if err != nil {
			return err
		}
		for _, m := range resp.Messages {
			t, err := newTicket(*m.MessageText)
			if err != nil {
				return err
			}
			if err := d.open(ctx, t); err != nil {
				return fmt.Errorf("ticket: %w", err)
			}
			if _, err := d.Queue.DeleteMessage(context.WithoutCancel(ctx), *m.MessageID, *m.PopReceipt, nil); err != nil {
				return err
			}
		}
		if len(resp.Messages) == 0 {
			time.Sleep(time.Second)
		}
	}
}

func (d *Desk) open(ctx context.Context, t ticket) error {
	fresh := &blob.ModifiedAccessConditions{IfNoneMatch: to.Ptr(azcore.ETagAny)}
	opts := &azblob.UploadBufferOptions{AccessConditions: &blob.AccessConditions{ModifiedAccessConditions: fresh}}
	_, err := d.Blobs.UploadBuffer(ctx, "tickets", t.path(), t.body, opts) // want `\(freshkey\)`
	return err
}
