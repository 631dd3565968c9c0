// Package importer copies customer files' manifests; a receipt blob says that a manifest was imported.
package importer

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/to"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/bloberror"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/container"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azqueue/v2"
)

// Importer is one worker.
type Importer struct {
	jobs      *azqueue.QueueClient
	manifests *container.Client
	receipts  *container.Client
	idle      time.Duration
}

// New returns an Importer.
func New(jobs *azqueue.QueueClient, manifests, receipts *container.Client) *Importer {
	return &Importer{jobs: jobs, manifests: manifests, receipts: receipts, idle: 3 * time.Second}
}

// Serve never returns before the context is done.
func (im *Importer) Serve(ctx context.Context) {
	for ctx.Err() == nil {
		resp, err := im.jobs.DequeueMessage(ctx, &azqueue.DequeueMessageOptions{VisibilityTimeout: to.Ptr[int32](90)})
		if err != nil || len(resp.Messages) == 0 {
			time.Sleep(im.idle)
			continue
		}
		job := resp.Messages[0]
		if err := im.one(ctx, job); err != nil {
			slog.Warn("import", "job", *job.MessageID, "attempt", *job.DequeueCount, "err", err)
		}
	}
}

func (im *Importer) one(ctx context.Context, job *azqueue.DequeuedMessage) error {
	id := *job.MessageID
	done, err := im.imported(ctx, id)
	if err != nil {
		return err
	}
	if done {
		slog.Info("imported before", "job", id)
		return nil // want `already done.*unsettled.*\(missingdelete\)`
	}
	body := []byte(*job.MessageText)
	if _, err := im.manifests.NewBlockBlobClient(id).UploadBuffer(ctx, body, nil); err != nil {
		return fmt.Errorf("manifest: %w", err)
	}
	if _, err := im.receipts.NewBlockBlobClient(id).UploadBuffer(ctx, []byte("imported"), nil); err != nil {
		return fmt.Errorf("receipt: %w", err)
	}
	_, err = im.jobs.DeleteMessage(ctx, id, *job.PopReceipt, nil)
	return err
}

func (im *Importer) imported(ctx context.Context, id string) (bool, error) {
	_, err := im.receipts.NewBlobClient(id).GetProperties(ctx, nil)
	if bloberror.HasCode(err, bloberror.BlobNotFound) {
		return false, nil
	}
	return err == nil, err
}
