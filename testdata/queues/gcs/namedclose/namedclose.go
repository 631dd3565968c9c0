// Package namedclose closes the writer in a deferred function that keeps its error: right.
package namedclose

import (
	"compress/gzip"
	"context"
	"io"
	"log"

	"cloud.google.com/go/pubsub"
	"cloud.google.com/go/storage"
)

type Backup struct{ objects *storage.BucketHandle }

func (b *Backup) Handle(ctx context.Context, m *pubsub.Message) {
	if err := b.compress(ctx, m.Attributes["objectId"]); err != nil {
		log.Print(err)
		m.Nack()
		return
	}
	m.Ack()
}

func (b *Backup) compress(ctx context.Context, name string) (err error) {
	r, err := b.objects.Object(name).NewReader(ctx)
	if err != nil {
		return err
	}
	defer r.Close()
	w := b.objects.Object("backup/" + name + ".gz").NewWriter(ctx)
	defer func() {
		if cerr := w.Close(); err == nil {
			err = cerr
		}
	}()
	z := gzip.NewWriter(w)
	if _, err := io.Copy(z, r); err != nil {
		return err
	}
	return z.Close()
}
