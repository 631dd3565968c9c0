// Package autoack leaves the acknowledgement to the client, which makes it when the
// callback returns: also where the row was not written.
package autoack

import (
	"context"
	"log"

	"github.com/Azure/azure-sdk-for-go/sdk/data/aztables"
	"github.com/nats-io/nats.go"
)

func Listen(js nats.JetStreamContext, rows *aztables.Client) error {
	_, err := js.Subscribe("rows", func(m *nats.Msg) {
		if _, err := rows.UpsertEntity(context.Background(), m.Data, nil); err != nil { // miss `acknowledged when the callback returns`
			log.Printf("row: %v", err)
		}
	}, nats.Durable("rows"))
	return err
}
