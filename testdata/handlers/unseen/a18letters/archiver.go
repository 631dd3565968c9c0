// Package letters archives letters; large ones are not in the message but in a blob it names.
package letters

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/messaging/azservicebus"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob"
)

const claimCheck = "claim-check"

// Logger is satisfied by zap's sugared logger.
type Logger interface {
	Infow(msg string, kv ...interface{})
	Warnw(msg string, kv ...interface{})
	Errorw(msg string, kv ...interface{})
}

// Options of an Archiver.
type Options struct {
	Staging string
	Archive string
	Batch   int
}

// Archiver archives.
type Archiver struct {
	opts Options
	rcv  *azservicebus.Receiver
	blob *azblob.Client
	log  Logger
}

// NewArchiver returns an Archiver.
func NewArchiver(rcv *azservicebus.Receiver, blob *azblob.Client, log Logger, opts Options) *Archiver {
	if opts.Staging == "" {
		opts.Staging = "letters-staging"
	}
	if opts.Archive == "" {
		opts.Archive = "letters-archive"
	}
	if opts.Batch < 1 {
		opts.Batch = 10
	}
	return &Archiver{opts: opts, rcv: rcv, blob: blob, log: log}
}

// Start archives in the background; the function returned stops it.
func (a *Archiver) Start(ctx context.Context) (stop func()) {
	ctx, cancel := context.WithCancel(ctx)
	done := make(chan struct{})
	go func() {
		defer close(done)
		a.loop(ctx)
	}()
	return func() {
		cancel()
		<-done
	}
}

func (a *Archiver) loop(ctx context.Context) {
	for {
		msgs, err := a.rcv.ReceiveMessages(ctx, a.opts.Batch, nil)
		if errors.Is(err, context.Canceled) {
			return
		}
		if err != nil {
			a.log.Errorw("receive", "error", err)
			select {
			case <-ctx.Done():
				return
			case <-time.After(10 * time.Second):
			}
			continue
		}
		for _, msg := range msgs {
			if err := a.handle(ctx, msg); err != nil {
				a.log.Warnw("letter given back", "letter", msg.MessageID, "delivery", msg.DeliveryCount, "error", err)
				if err := a.rcv.AbandonMessage(ctx, msg, nil); err != nil {
					a.log.Errorw("abandon", "letter", msg.MessageID, "error", err)
				}
			}
		}
	}
}

func (a *Archiver) handle(ctx context.Context, msg *azservicebus.ReceivedMessage) error {
	name := "letters/" + msg.MessageID + ".eml"

	if ref, ok := msg.ApplicationProperties[claimCheck].(string); ok && ref != "" {
		if err := a.copyStaged(ctx, ref, name); err != nil {
			return fmt.Errorf("copy %s: %w", ref, err)
		}
		a.log.Infow("archived by reference", "letter", msg.MessageID, "ref", ref)
		return nil // want `work succeeded.*unsettled.*\(missingdelete\)`
	}

	if len(msg.Body) == 0 {
		return a.rcv.DeadLetterMessage(ctx, msg, nil)
	}
	if _, err := a.blob.UploadBuffer(ctx, a.opts.Archive, name, msg.Body, nil); err != nil {
		return fmt.Errorf("archive: %w", err)
	}
	a.log.Infow("archived", "letter", msg.MessageID, "bytes", len(msg.Body))
	return a.rcv.CompleteMessage(ctx, msg, nil)
}

func (a *Archiver) copyStaged(ctx context.Context, ref, name string) error {
	src, err := a.blob.DownloadStream(ctx, a.opts.Staging, ref, nil)
	if err != nil {
		return err
	}
	defer src.Body.Close()
	_, err = a.blob.UploadStream(ctx, a.opts.Archive, name, src.Body, &azblob.UploadStreamOptions{Concurrency: 2})
	return err
}
