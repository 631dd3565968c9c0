// Package closeignored writes a translation to a bucket; the writer's Close, where every
// error of the upload appears, is deferred and dropped.
package closeignored

import (
	"context"
	"fmt"
	"log"

	"cloud.google.com/go/pubsub"
	"cloud.google.com/go/storage"
)

type Saver struct {
	Results *storage.BucketHandle
}

func (s *Saver) Run(ctx context.Context, sub *pubsub.Subscription) error {
	return sub.Receive(ctx, func(ctx context.Context, m *pubsub.Message) {
		if err := s.save(ctx, m); err != nil {
			log.Print(err)
			m.Nack()
			return
		}
		m.Ack() // want `settled although the work failed.*\(deleteonerror\)`
	})
}

func (s *Saver) save(ctx context.Context, m *pubsub.Message) error {
	w := s.Results.Object(m.Attributes["file"] + "_" + m.Attributes["lang"] + ".txt").NewWriter(ctx)
	defer w.Close()
	if _, err := w.Write(m.Data); err != nil {
		return fmt.Errorf("writing %s: %w", m.Attributes["file"], err)
	}
	return nil
}
