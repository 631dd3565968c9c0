// Package booking issues a booking code per reservation.
//
// Right: the code is random, but the blob is created once and never overwritten; a second delivery finds the first's.
package booking

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"log/slog"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/to"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/blob"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/bloberror"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azqueue/v2"
)

type ticket struct {
	Reservation string    `json:"reservation"`
	Code        string    `json:"code"`
	ValidUntil  time.Time `json:"validUntil"`
}

// Desk issues codes.
type Desk struct {
	queue   *azqueue.QueueClient
	tickets *ticketStore
}

// NewDesk returns a Desk.
func NewDesk(queue *azqueue.QueueClient, blobs *azblob.Client) *Desk {
	return &Desk{queue: queue, tickets: &ticketStore{blobs: blobs, name: "tickets"}}
}

// Run issues.
func (d *Desk) Run(ctx context.Context) error {
	for {
		resp, err := d.queue.DequeueMessages(ctx, &azqueue.DequeueMessagesOptions{NumberOfMessages: to.Ptr[int32](10), VisibilityTimeout: to.Ptr[int32](60)})
		if err != nil {
			return err
		}
		for _, m := range resp.Messages {
			if err := d.issue(ctx, *m.MessageText); err != nil {
				slog.Error("issue", "id", *m.MessageID, "count", *m.DequeueCount, "err", err)
				continue
			}
			if _, err := d.queue.DeleteMessage(ctx, *m.MessageID, *m.PopReceipt, nil); err != nil {
				slog.Error("delete", "id", *m.MessageID, "err", err)
			}
		}
		if len(resp.Messages) == 0 {
			time.Sleep(time.Second)
		}
	}
}

func (d *Desk) issue(ctx context.Context, reservation string) error {
	var b [6]byte
	if _, err := rand.Read(b[:]); err != nil {
		return err
	}
	return d.tickets.insert(ctx, ticket{
		Reservation: reservation,
		Code:        fmt.Sprintf("%X", b),
		ValidUntil:  time.Now().Add(72 * time.Hour),
	})
}

type ticketStore struct {
	blobs *azblob.Client
	name  string
}

func (s *ticketStore) insert(ctx context.Context, t ticket) error {
	raw, err := json.Marshal(t)
	if err != nil {
		return err
	}
	opts := &azblob.UploadBufferOptions{HTTPHeaders: &blob.HTTPHeaders{BlobContentType: to.Ptr("application/json")}}
	opts.AccessConditions = createOnly()
	_, err = s.blobs.UploadBuffer(ctx, s.name, t.Reservation+".json", raw, opts)
	if bloberror.HasCode(err, bloberror.BlobAlreadyExists, bloberror.ConditionNotMet) {
		return nil
	}
	return err
}

func createOnly() *blob.AccessConditions {
	return &blob.AccessConditions{ModifiedAccessConditions: &blob.ModifiedAccessConditions{IfNoneMatch: to.Ptr(azcore.ETagAny)}}
}
