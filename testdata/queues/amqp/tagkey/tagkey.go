// Package tagkey names a blob by the delivery tag, which the same message has only until
// it comes again.
package tagkey

import (
	"context"
	"fmt"

	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob"
	amqp "github.com/rabbitmq/amqp091-go"
)

func Dump(ctx context.Context, ch *amqp.Channel, blobs *azblob.Client) error {
	for {
		d, ok, err := ch.Get("dump", false)
		if err != nil || !ok {
			return err
		}
		name := fmt.Sprintf("%s/%020d", d.RoutingKey, d.DeliveryTag)
		if _, err := blobs.UploadBuffer(ctx, "dump", name, d.Body, nil); err != nil { // want `\(freshkey\)`
			d.Nack(false, true)
			return err
		}
		if err := ch.Ack(d.DeliveryTag, false); err != nil {
			return err
		}
	}
}
