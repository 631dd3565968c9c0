// Package nilresult keeps the logbooks of ships; the settle is deferred and looks at the named result.
//
// Wrong: the upload's error is in a variable of its own, is logged, and the bare return leaves the named result nil:
// the deferred function takes that for success and deletes.
//
// Message: {"ship":"sh-1","day":"2024-05-01","entry":"calm"}
package nilresult

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/to"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azqueue/v2"
)

// Harbour keeps logbooks.
type Harbour struct {
	Entries *azqueue.QueueClient
	Books   *azblob.Client
}

// Serve keeps what is in the queue.
func (h *Harbour) Serve(ctx context.Context) error {
	for {
		r, err := h.Entries.DequeueMessage(ctx, &azqueue.DequeueMessageOptions{VisibilityTimeout: to.Ptr(int32(60))})
		if err != nil {
			return err
		}
		if len(r.Messages) == 0 {
			return nil
		}
		if err := h.entry(ctx, r.Messages[0]); err != nil {
			return err
		}
	}
}

func (h *Harbour) entry(ctx context.Context, m *azqueue.DequeuedMessage) (err error) {
	defer func() {
		if err != nil {
			slog.Error("entry stays", "id", *m.MessageID, "err", err)
			return
		}
		_, err = h.Entries.DeleteMessage(ctx, *m.MessageID, *m.PopReceipt, nil) // want `\(deleteonerror\)`
	}()

	var e struct{ Ship, Day, Entry string }
	if err = json.Unmarshal([]byte(*m.MessageText), &e); err != nil {
		return fmt.Errorf("entry %s: %w", *m.MessageID, err)
	}
	_, uerr := h.Books.UploadBuffer(ctx, "logbooks", e.Ship+"/"+e.Day, []byte(e.Entry), nil)
	if uerr != nil {
		slog.Error("upload", "ship", e.Ship, "day", e.Day, "err", uerr)
		return
	}
	slog.Info("kept", "ship", e.Ship, "day", e.Day)
	return
}
