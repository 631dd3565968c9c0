// Package halflife builds container images, which may take an hour.
//
// Right: a second goroutine renews the lock when half of it is over, and ends the build when it cannot.
package halflife

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"os/exec"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/messaging/azservicebus"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob"
	"golang.org/x/sync/errgroup"
)

// Builder builds.
type Builder struct {
	receiver *azservicebus.Receiver
	logs     *azblob.Client
}

type build struct {
	Repository string `json:"repository"`
	Commit     string `json:"commit"`
}

var errBuilt = errors.New("built")

// Run ends with the context.
func (b *Builder) Run(ctx context.Context) error {
	for ctx.Err() == nil {
		msgs, err := b.receiver.ReceiveMessages(ctx, 1, nil)
		if err != nil {
			return err
		}
		for _, msg := range msgs {
			err := b.process(ctx, msg)
			if err != nil {
				slog.Error("build", "message", msg.MessageID, "delivery", msg.DeliveryCount, "err", err)
				err = b.receiver.AbandonMessage(context.WithoutCancel(ctx), msg, nil)
			} else {
				err = b.receiver.CompleteMessage(context.WithoutCancel(ctx), msg, nil)
			}
			if err != nil {
				slog.Error("settle", "message", msg.MessageID, "err", err)
			}
		}
	}
	return ctx.Err()
}

func (b *Builder) process(ctx context.Context, msg *azservicebus.ReceivedMessage) error {
	var job build
	if err := json.Unmarshal(msg.Body, &job); err != nil {
		return err
	}
	g, gctx := errgroup.WithContext(ctx)
	g.Go(func() error { return b.keepLocked(gctx, msg) })
	g.Go(func() error {
		if err := b.build(gctx, job); err != nil {
			return err
		}
		return errBuilt // ends the other goroutine
	})
	if err := g.Wait(); !errors.Is(err, errBuilt) {
		return err
	}
	return nil
}

func (b *Builder) keepLocked(ctx context.Context, msg *azservicebus.ReceivedMessage) error {
	timer := time.NewTimer(half(msg))
	defer timer.Stop()
	for {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-timer.C:
		}
		if err := b.receiver.RenewMessageLock(ctx, msg, nil); err != nil {
			return fmt.Errorf("renew: %w", err)
		}
		timer.Reset(half(msg))
	}
}

func half(msg *azservicebus.ReceivedMessage) time.Duration {
	if msg.LockedUntil == nil {
		return 5 * time.Second
	}
	return max(time.Until(*msg.LockedUntil)/2, time.Second)
}

func (b *Builder) build(ctx context.Context, job build) error {
	image := "registry.internal/" + job.Repository + ":" + job.Commit
	cmd := exec.CommandContext(ctx, "buildctl", "build", "--opt", "context="+job.Repository+"#"+job.Commit, "--output", "type=image,push=true,name="+image)
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("%s: %w: %s", image, err, out)
	}
	_, err := b.logs.UploadBuffer(ctx, "builds", job.Repository+"/"+job.Commit, []byte(image), nil)
	return err
}
