// Package importer imports uploaded files and notes the state of each run.
//
// Right although a deferred function overwrites a status blob after each success:
// each run has its own, and the state is a function of the message.
package importer

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"strings"

	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/container"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azqueue/v2"
)

// Delivery is a message as the importer sees it.
type Delivery struct {
	id, receipt string
	Payload     []byte
}

// Inbox is where deliveries come from.
type Inbox struct{ q *azqueue.QueueClient }

// NewInbox returns the inbox of a queue.
func NewInbox(q *azqueue.QueueClient) *Inbox { return &Inbox{q: q} }

// Take takes one delivery, nil if there is none.
func (in *Inbox) Take(ctx context.Context) (*Delivery, error) {
	resp, err := in.q.DequeueMessage(ctx, nil)
	if err != nil {
		return nil, err
	}
	for _, m := range resp.Messages {
		return &Delivery{id: *m.MessageID, receipt: *m.PopReceipt, Payload: []byte(*m.MessageText)}, nil
	}
	return nil, nil
}

// Done removes a delivery.
func (in *Inbox) Done(ctx context.Context, d *Delivery) error {
	if _, err := in.q.DeleteMessage(ctx, d.id, d.receipt, nil); err != nil {
		return fmt.Errorf("delete %s: %w", d.id, err)
	}
	return nil
}

type upload struct{ Run, Rows string }

// ImportNext imports at most one file.
func ImportNext(ctx context.Context, in *Inbox, runs *container.Client) error {
	d, err := in.Take(ctx)
	if err != nil || d == nil {
		return err
	}
	if err := importFile(ctx, runs, d); err != nil {
		slog.Error("import failed", "delivery", d.id, "err", err)
		return err
	}
	return in.Done(ctx, d)
}

func importFile(ctx context.Context, runs *container.Client, d *Delivery) (err error) {
	var u upload
	if err := json.Unmarshal(d.Payload, &u); err != nil {
		return err
	}
	state := "imported"
	defer func() {
		if err != nil {
			return
		}
		status := []byte(`{"state":"` + state + `"}`)
		_, err = runs.NewBlockBlobClient(u.Run+"/status.json").UploadBuffer(ctx, status, nil)
	}()
	if strings.TrimSpace(u.Rows) == "" {
		state = "empty"
		return nil
	}
	_, err = runs.NewBlockBlobClient(u.Run+"/rows.csv").UploadBuffer(ctx, []byte(u.Rows), nil)
	return err
}
