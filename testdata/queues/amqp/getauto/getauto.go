// Package getauto takes jobs with Get, and has the broker settle them.
package getauto

import (
	"context"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob"
	amqp "github.com/rabbitmq/amqp091-go"
)

func Poll(ctx context.Context, ch *amqp.Channel, blobs *azblob.Client) error {
	for ctx.Err() == nil {
		job, ok, err := ch.Get("jobs", true) // want `settled as it is received.*\(earlydelete\)`
		if err != nil {
			return err
		}
		if !ok {
			time.Sleep(time.Second)
			continue
		}
		if _, err := blobs.UploadBuffer(ctx, "jobs", job.MessageId, job.Body, nil); err != nil {
			return err
		}
	}
	return ctx.Err()
}
