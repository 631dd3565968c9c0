// Package redelivered names what it stores by the number of the delivery, too.
package redelivered

import (
	"context"
	"fmt"

	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob"
	"github.com/nats-io/stan.go"
)

type Box struct{ Blobs *azblob.Client }

func (b Box) Put(ctx context.Context, m *stan.Msg) error {
	name := fmt.Sprintf("%d-%d", m.Sequence, m.RedeliveryCount)
	if _, err := b.Blobs.UploadBuffer(ctx, "box", name, m.Data, nil); err != nil { // want `\(freshkey\)`
		return err
	}
	return m.Ack()
}
