// Package deferack acknowledges whatever happened: the acknowledgement is deferred.
package deferack

import (
	"context"
	"log"

	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob"
	"github.com/nats-io/nats.go"
)

type Saver struct{ blobs *azblob.Client }

func (s *Saver) Listen(js nats.JetStreamContext) (*nats.Subscription, error) {
	return js.QueueSubscribe("mail.*", "savers", s.save, nats.ManualAck(), nats.Durable("savers"))
}

func (s *Saver) save(msg *nats.Msg) {
	defer msg.Ack() // want `settled although the work failed.*\(deleteonerror\)`

	id := msg.Header.Get(nats.MsgIdHdr)
	if _, err := s.blobs.UploadBuffer(context.Background(), "mail", id, msg.Data, nil); err != nil {
		log.Printf("mail %s: %v", id, err)
		return
	}
	log.Printf("mail %s saved", id)
}
