// Package pollparallel works on ten messages at a time, each in a goroutine that settles
// its own: right.
package pollparallel

import (
	"context"
	"fmt"
	"log"

	"gocloud.dev/blob"
	"gocloud.dev/pubsub"
)

type Worker struct {
	In  *pubsub.Subscription
	Out *blob.Bucket
}

func (w *Worker) Run(ctx context.Context) error {
	const most = 10
	slots := make(chan struct{}, most)
	defer func() {
		for range most {
			slots <- struct{}{}
		}
	}()
	for {
		msg, err := w.In.Receive(ctx)
		if err != nil {
			return fmt.Errorf("receiving: %w", err)
		}
		slots <- struct{}{}
		go func() {
			defer func() { <-slots }()
			w.one(ctx, msg)
		}()
	}
}

func (w *Worker) one(ctx context.Context, msg *pubsub.Message) {
	key := msg.Metadata["tenant"] + "/" + msg.Metadata["document"]
	if err := w.Out.WriteAll(ctx, key, msg.Body, &blob.WriterOptions{ContentType: "text/plain"}); err != nil {
		log.Printf("%s: %v", key, err)
		if msg.Nackable() {
			msg.Nack()
		}
		return
	}
	msg.Ack()
}
