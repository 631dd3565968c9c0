// Package ackfirst acknowledges and then stores.
package ackfirst

import (
	"context"
	"log"

	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob"
	"github.com/streadway/amqp"
)

func Store(ctx context.Context, msgs <-chan amqp.Delivery, blobs *azblob.Client) {
	for d := range msgs {
		if err := d.Ack(false); err != nil { // want `settled before the work is done.*\(earlydelete\)`
			log.Printf("ack: %v", err)
			continue
		}
		if _, err := blobs.UploadBuffer(ctx, "letters", d.MessageId, d.Body, nil); err != nil {
			log.Printf("letter %s: %v", d.MessageId, err)
		}
	}
}
