// Package closechecked looks at the error of Close before it acknowledges: right.
package closechecked

import (
	"context"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"log"

	"cloud.google.com/go/pubsub"
	"cloud.google.com/go/storage"
)

type table struct {
	Name string
	Rows [][]string
}

func Export(ctx context.Context, sub *pubsub.Subscription, bucket *storage.BucketHandle) error {
	return sub.Receive(ctx, func(ctx context.Context, m *pubsub.Message) {
		var t table
		if err := json.Unmarshal(m.Data, &t); err != nil {
			log.Print(err)
			m.Ack()
			return
		}
		if err := write(ctx, bucket, m.ID, t); err != nil {
			log.Print(err)
			m.Nack()
			return
		}
		m.Ack()
	})
}

func write(ctx context.Context, bucket *storage.BucketHandle, id string, t table) (err error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel() // gives up an upload that was not closed
	w := bucket.Object("exports/" + id + "/" + t.Name + ".csv").NewWriter(ctx)
	w.ContentType = "text/csv"
	out := csv.NewWriter(w)
	if err := out.WriteAll(t.Rows); err != nil {
		return fmt.Errorf("%s: %w", t.Name, err)
	}
	return w.Close()
}
