// Package core listens on a plain subject: core NATS delivers at most once, so that
// nothing comes twice and nothing is to settle.
package core

import (
	"context"
	"log"

	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob"
	"github.com/google/uuid"
	"github.com/nats-io/nats.go"
)

type Dump struct{ blobs *azblob.Client }

func (d *Dump) Listen(nc *nats.Conn) (*nats.Subscription, error) {
	return nc.Subscribe("debug.>", func(m *nats.Msg) { d.dump(m) })
}

func (d *Dump) dump(m *nats.Msg) {
	if _, err := d.blobs.UploadBuffer(context.Background(), "dumps", uuid.NewString(), m.Data, nil); err != nil {
		log.Printf("dump of %s: %v", m.Subject, err)
	}
}
