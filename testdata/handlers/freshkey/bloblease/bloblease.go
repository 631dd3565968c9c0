// Package bloblease translates documents, one worker at a time for each document.
//
// Right although the lease has a fresh id: it tells who holds the lease, and it ends
// by itself. The translation has the document's name and is a function of it, so
// that a worker whose lease ran out does no harm either.
//
// Message: letter.txt
// Before: blob docs/letter.txt contains hello
package bloblease

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"log/slog"
	"time"

	"github.com/google/uuid"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/to"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/container"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/lease"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azqueue/v2"
)

// Translator translates documents.
type Translator struct {
	Queue      *azqueue.QueueClient
	Docs, Done *container.Client
}

// Run translates until ctx ends.
func (t *Translator) Run(ctx context.Context) error {
	for ctx.Err() == nil {
		resp, err := t.Queue.DequeueMessage(ctx, &azqueue.DequeueMessageOptions{VisibilityTimeout: to.Ptr(int32(90))})
		if err != nil {
			return err
		}
		if len(resp.Messages) == 0 {
			time.Sleep(time.Second)
			continue
		}
		m := resp.Messages[0]
		name := *m.MessageText
		if err := t.exclusively(ctx, name, func() error { return t.translate(ctx, name) }); err != nil {
			slog.Warn("later", "document", name, "err", err)
			continue
		}
		if _, err := t.Queue.DeleteMessage(context.WithoutCancel(ctx), *m.MessageID, *m.PopReceipt, nil); err != nil {
			return err
		}
	}
	return ctx.Err()
}

func (t *Translator) exclusively(ctx context.Context, name string, work func() error) error {
	l, err := lease.NewBlobClient(t.Docs.NewBlobClient(name), &lease.BlobClientOptions{LeaseID: to.Ptr(uuid.NewString())})
	if err != nil {
		return err
	}
	if _, err := l.AcquireLease(ctx, 60, nil); err != nil {
		return fmt.Errorf("lease: %w", err)
	}
	defer func() {
		if _, err := l.ReleaseLease(context.WithoutCancel(ctx), nil); err != nil {
			slog.Info("lease will end by itself", "document", name, "err", err)
		}
	}()
	return work()
}

func (t *Translator) translate(ctx context.Context, name string) error {
	got, err := t.Docs.NewBlobClient(name).DownloadStream(ctx, nil)
	if err != nil {
		return err
	}
	defer got.Body.Close()
	text, err := io.ReadAll(got.Body)
	if err != nil {
		return err
	}
	_, err = t.Done.NewBlockBlobClient(name).UploadBuffer(ctx, bytes.ToUpper(text), nil)
	return err
}
