// Package contracts archives signed contracts. It sees the queue only through the house's wrapper.
package contracts

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob"
	"github.com/idemlint/idemlint/testdata/handlers/missingdelete/inhousequeue/mq"
)

// Archiver is the service.
type Archiver struct {
	queue *mq.Queue
	blobs *azblob.Client
}

// NewArchiver opens the queue "contracts".
func NewArchiver(conn string, blobs *azblob.Client) (*Archiver, error) {
	queue, err := mq.Open(conn, "contracts", 2*time.Minute)
	if err != nil {
		return nil, err
	}
	return &Archiver{queue: queue, blobs: blobs}, nil
}

// Loop works until the context is done.
func (a *Archiver) Loop(ctx context.Context) error {
	for ctx.Err() == nil {
		msg, err := a.queue.Receive(ctx)
		switch {
		case errors.Is(err, mq.ErrEmpty):
			time.Sleep(5 * time.Second)
		case err != nil:
			return err
		default:
			if err := a.archive(ctx, msg); err != nil {
				slog.Error("archive", "contract", msg.ID, "deliveries", msg.Deliveries, "err", err)
			}
		}
	}
	return nil
}

func (a *Archiver) archive(ctx context.Context, msg *mq.Message) error {
	name := msg.ID + ".pdf"
	if _, err := a.blobs.UploadBuffer(ctx, "contracts", name, msg.Body, nil); err != nil {
		return fmt.Errorf("upload: %w", err)
	}
	if !bytes.HasPrefix(msg.Body, []byte("%PDF")) {
		slog.Warn("archived something that is no PDF", "contract", msg.ID)
		return nil // want `work succeeded.*unsettled.*\(missingdelete\)`
	}
	return a.queue.Delete(ctx, msg)
}
