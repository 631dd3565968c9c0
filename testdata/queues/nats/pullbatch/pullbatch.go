// Package pullbatch works on a batch and acknowledges messages that failed, so that
// "the batch is done".
package pullbatch

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob"
	"github.com/nats-io/nats.go"
)

type Sink struct {
	sub   *nats.Subscription
	blobs *azblob.Client
}

func New(js nats.JetStreamContext, blobs *azblob.Client) (*Sink, error) {
	sub, err := js.PullSubscribe("events.>", "sink")
	if err != nil {
		return nil, err
	}
	return &Sink{sub, blobs}, nil
}

func (s *Sink) Run(ctx context.Context) error {
	for ctx.Err() == nil {
		msgs, err := s.sub.Fetch(20, nats.MaxWait(5*time.Second))
		if errors.Is(err, nats.ErrTimeout) {
			continue
		}
		if err != nil {
			return err
		}
		for _, m := range msgs {
			_, err := s.blobs.UploadBuffer(ctx, "events", m.Header.Get(nats.MsgIdHdr), m.Data, nil)
			if err != nil {
				slog.Error("event", "subject", m.Subject, "err", err)
			}
			m.AckSync() // want `settled although .* failed.*\(deleteonerror\)`
		}
	}
	return ctx.Err()
}
