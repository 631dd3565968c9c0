// Package backup dumps databases on demand.
//
// Right: a dump takes as long as it takes, and the lease is held meanwhile.
package backup

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os/exec"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/to"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/blob"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/bloberror"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azqueue/v2"
	"github.com/idemlint/idemlint/testdata/handlers/unseen/c25leasekeeper/lease"
)

// Options configure a Runner.
type Options struct {
	Program   string
	Container string
}

const leaseLength = time.Minute

// Runner runs backups.
type Runner struct {
	queue *azqueue.QueueClient
	blobs *azblob.Client
	opts  Options
}

// NewRunner returns a Runner.
func NewRunner(queue *azqueue.QueueClient, blobs *azblob.Client, opts Options) *Runner {
	if opts.Program == "" {
		opts.Program = "pg_dump"
	}
	return &Runner{queue: queue, blobs: blobs, opts: opts}
}

// Run runs until the context ends.
func (r *Runner) Run(ctx context.Context) error {
	for ctx.Err() == nil {
		resp, err := r.queue.DequeueMessage(ctx, &azqueue.DequeueMessageOptions{VisibilityTimeout: to.Ptr(int32(leaseLength.Seconds()))})
		if err != nil {
			return err
		}
		if len(resp.Messages) == 0 {
			time.Sleep(30 * time.Second)
			continue
		}
		m := resp.Messages[0]
		held := lease.Take(r.queue, m, leaseLength)
		err = held.Hold(ctx, func(ctx context.Context) error { return r.dump(ctx, *m.MessageID, *m.MessageText) })
		if err != nil {
			slog.Error("dump", "db", *m.MessageText, "count", *m.DequeueCount, "err", err)
			continue
		}
		if err := held.Delete(ctx); err != nil {
			slog.Error("delete", "db", *m.MessageText, "err", err)
		}
	}
	return ctx.Err()
}

func (r *Runner) dump(ctx context.Context, id, db string) error {
	cmd := exec.CommandContext(ctx, r.opts.Program, "--format=custom", db)
	pipe, err := cmd.StdoutPipe()
	if err != nil {
		return err
	}
	if err := cmd.Start(); err != nil {
		return err
	}
	dump, err := io.ReadAll(pipe)
	if err := errors.Join(err, cmd.Wait()); err != nil {
		return fmt.Errorf("dump %s: %w", db, err)
	}
	_, err = r.blobs.UploadBuffer(ctx, r.opts.Container, id+".dump", dump, &azblob.UploadBufferOptions{
		AccessConditions: &blob.AccessConditions{
			ModifiedAccessConditions: &blob.ModifiedAccessConditions{IfNoneMatch: to.Ptr(azcore.ETagAny)},
		},
	})
	if bloberror.HasCode(err, bloberror.BlobAlreadyExists) {
		return nil
	}
	return err
}
