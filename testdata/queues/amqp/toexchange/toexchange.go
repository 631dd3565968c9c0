// Package toexchange acknowledges what failed once it stands in another exchange.
package toexchange

import (
	"context"
	"log/slog"

	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob"
	amqp "github.com/rabbitmq/amqp091-go"
)

type Worker struct {
	ch    *amqp.Channel
	blobs *azblob.Client
}

func (w *Worker) Run(ctx context.Context) error {
	in, err := w.ch.Consume("scans", "", false, false, false, false, nil)
	if err != nil {
		return err
	}
	for d := range in {
		_, err := w.blobs.UploadBuffer(ctx, "scans", d.MessageId, d.Body, nil)
		if err != nil {
			slog.Error("scan", "id", d.MessageId, "err", err)
			headers := amqp.Table{"x-error": err.Error()}
			err := w.ch.PublishWithContext(ctx, "scans.failed", d.RoutingKey, true, false, amqp.Publishing{
				Headers: headers, MessageId: d.MessageId, Body: d.Body, DeliveryMode: amqp.Persistent,
			})
			if err != nil {
				d.Nack(false, true)
				continue
			}
		}
		if err := d.Ack(false); err != nil {
			return err
		}
	}
	return ctx.Err()
}
