// Package handedover starts a goroutine for each delivery and acknowledges outside of it.
package handedover

import (
	"context"
	"log/slog"

	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob"
	amqp "github.com/rabbitmq/amqp091-go"
)

type Archiver struct {
	ch    *amqp.Channel
	blobs *azblob.Client
}

func (a *Archiver) Run(ctx context.Context, queue string) error {
	in, err := a.ch.ConsumeWithContext(ctx, queue, "archiver", false, false, false, false, nil)
	if err != nil {
		return err
	}
	for {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case d, ok := <-in:
			if !ok {
				return amqp.ErrClosed
			}
			go a.archive(ctx, d)
			if err := d.Ack(false); err != nil { // want `settled while the work is under way elsewhere.*\(earlydelete\)`
				return err
			}
		}
	}
}

func (a *Archiver) archive(ctx context.Context, d amqp.Delivery) {
	if _, err := a.blobs.UploadBuffer(ctx, "archive", d.MessageId, d.Body, nil); err != nil {
		slog.Error("archive", "id", d.MessageId, "err", err)
	}
}
