// Package mover stamps incoming documents and files them.
//
// Right although it reads a blob, changes what it read and writes without any
// condition: what it writes has another name ("filed/…") than what it read
// ("inbox/…"), nobody changes an inbox document, and the stamp comes from the
// message. A repetition writes the same bytes again.
package mover

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/to"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/container"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azqueue/v2"
)

const (
	inbox = "inbox/"
	filed = "filed/"
)

type arrived struct {
	Name    string    `json:"name"`
	Arrived time.Time `json:"arrived"`
	Bytes   int       `json:"bytes"`
}

// Mover files documents.
type Mover struct {
	docs  *container.Client
	queue *azqueue.QueueClient
}

// Handle files the documents of up to three messages.
func (mv *Mover) Handle(ctx context.Context) error {
	got, err := mv.queue.DequeueMessages(ctx, &azqueue.DequeueMessagesOptions{
		NumberOfMessages:  to.Ptr(int32(3)),
		VisibilityTimeout: to.Ptr(int32(300)),
	})
	if err != nil {
		return fmt.Errorf("mover: %w", err)
	}
	for _, m := range got.Messages {
		var a arrived
		if err := json.Unmarshal([]byte(*m.MessageText), &a); err != nil {
			slog.Error("not a document", "id", *m.MessageID, "err", err)
			continue
		}
		if err := mv.file(ctx, a); err != nil {
			slog.Error("not filed", "id", *m.MessageID, "name", a.Name, "err", err)
			continue
		}
		if _, err := mv.queue.DeleteMessage(ctx, *m.MessageID, *m.PopReceipt, nil); err != nil {
			slog.Error("filed but not deleted", "id", *m.MessageID, "err", err)
		}
	}
	return nil
}

func (mv *Mover) file(ctx context.Context, a arrived) error {
	text := make([]byte, a.Bytes)
	n, err := mv.docs.NewBlobClient(inbox+a.Name).DownloadBuffer(ctx, text, nil)
	if err != nil {
		return err
	}
	stamp := fmt.Appendf(nil, "Arrived: %s\n\n", a.Arrived.Format(time.RFC1123))
	stamped := bytes.Join([][]byte{stamp, text[:n]}, nil)
	_, err = mv.docs.NewBlockBlobClient(filed+a.Name).UploadBuffer(ctx, stamped, nil)
	return err
}
