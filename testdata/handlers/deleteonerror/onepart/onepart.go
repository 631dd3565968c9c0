// Package onepart stores the attachments of a ticket.
//
// Wrong: an attachment that cannot be stored is logged and passed over, the loop goes on with the next, and at the
// end the ticket's message is deleted: that attachment is lost.
//
// Message: {"ticket":"ti-4","files":{"a.txt":"aaa","b.txt":"bbb"}}
package onepart

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"maps"
	"slices"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/to"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/container"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azqueue/v2"
)

type ticket struct {
	Ticket string            `json:"ticket"`
	Files  map[string]string `json:"files"`
}

// Desk is the help desk.
type Desk struct {
	Tickets     *azqueue.QueueClient
	Attachments *container.Client
	Log         *slog.Logger
}

// Serve serves one ticket.
func (d *Desk) Serve(ctx context.Context) error {
	r, err := d.Tickets.DequeueMessage(ctx, &azqueue.DequeueMessageOptions{VisibilityTimeout: to.Ptr(int32(120))})
	if err != nil {
		return fmt.Errorf("tickets: %w", err)
	}
	for _, m := range r.Messages {
		var t ticket
		if err := json.Unmarshal([]byte(*m.MessageText), &t); err != nil {
			return fmt.Errorf("ticket %s: %w", *m.MessageID, err)
		}
		n := d.attach(ctx, t)
		d.Log.InfoContext(ctx, "attached", "ticket", t.Ticket, "stored", n, "of", len(t.Files))
		if _, err := d.Tickets.DeleteMessage(ctx, *m.MessageID, *m.PopReceipt, nil); err != nil { // want `\(deleteonerror\)`
			return fmt.Errorf("delete %s: %w", *m.MessageID, err)
		}
	}
	return nil
}

func (d *Desk) attach(ctx context.Context, t ticket) (stored int) {
	for _, name := range slices.Sorted(maps.Keys(t.Files)) {
		blob := d.Attachments.NewBlockBlobClient(t.Ticket + "/" + name)
		if _, err := blob.UploadBuffer(ctx, []byte(t.Files[name]), nil); err != nil {
			d.Log.WarnContext(ctx, "not stored", "ticket", t.Ticket, "file", name, "err", err)
			continue
		}
		stored++
	}
	return stored
}
