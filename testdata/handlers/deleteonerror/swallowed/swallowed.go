// Package swallowed archives e-mails; the archive is behind an interface.
//
// Wrong: two calls below the handler, blobArchive.put logs the failed upload and returns nothing; so Keep returns
// nil, and the handler, which looks at every error it gets, deletes a message that is archived nowhere.
//
// Message: {"mail":"ml-6","from":"ada","text":"hi"}
package swallowed

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/to"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/container"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azqueue/v2"
)

type mail struct {
	Mail string `json:"mail"`
	From string `json:"from"`
	Text string `json:"text"`
}

// Archive keeps mails.
type Archive interface {
	Keep(ctx context.Context, m mail) error
}

type blobArchive struct {
	container *container.Client
	log       *slog.Logger
}

func (a *blobArchive) Keep(ctx context.Context, m mail) error {
	if m.Mail == "" {
		return errors.New("mail without id")
	}
	a.put(ctx, m.From+"/"+m.Mail+".eml", []byte(m.Text))
	return nil
}

func (a *blobArchive) put(ctx context.Context, name string, data []byte) {
	if _, err := a.container.NewBlockBlobClient(name).UploadBuffer(ctx, data, nil); err != nil {
		a.log.ErrorContext(ctx, "upload failed", "name", name, "err", err)
		return
	}
	a.log.DebugContext(ctx, "archived", "name", name)
}

// Archiver archives.
type Archiver struct {
	mails   *azqueue.QueueClient
	archive Archive
}

// New wires an Archiver.
func New(mails *azqueue.QueueClient, blobs *container.Client) *Archiver {
	return &Archiver{mails: mails, archive: &blobArchive{container: blobs, log: slog.Default()}}
}

// Step archives one mail.
func (a *Archiver) Step(ctx context.Context) error {
	r, err := a.mails.DequeueMessage(ctx, &azqueue.DequeueMessageOptions{VisibilityTimeout: to.Ptr(int32(45))})
	if err != nil || len(r.Messages) == 0 {
		return err
	}
	msg := r.Messages[0]
	var m mail
	if err := json.Unmarshal([]byte(*msg.MessageText), &m); err != nil {
		return fmt.Errorf("message %s: %w", *msg.MessageID, err)
	}
	if err := a.archive.Keep(ctx, m); err != nil {
		return fmt.Errorf("keep: %w", err)
	}
	if _, err := a.mails.DeleteMessage(ctx, *msg.MessageID, *msg.PopReceipt, nil); err != nil { // want `\(deleteonerror\)`
		return fmt.Errorf("delete: %w", err)
	}
	return nil
}
