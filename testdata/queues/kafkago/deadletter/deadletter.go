// Package deadletter commits failed messages only after they are in the dead-letter topic.
package deadletter

import (
	"context"
	"fmt"
	"log/slog"

	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob"
	"github.com/segmentio/kafka-go"
)

type Worker struct {
	in    *kafka.Reader
	dead  *kafka.Writer
	blobs *azblob.Client
}

func (w *Worker) Run(ctx context.Context) error {
	for {
		m, err := w.in.FetchMessage(ctx)
		if err != nil {
			return err
		}
		if err := w.store(ctx, m); err != nil {
			slog.Warn("to the dead letters", "offset", m.Offset, "err", err)
			err := w.dead.WriteMessages(ctx, kafka.Message{
				Key: m.Key, Value: m.Value,
				Headers: append(m.Headers, kafka.Header{Key: "error", Value: []byte(err.Error())}),
			})
			if err != nil {
				return fmt.Errorf("dead letter of offset %d: %w", m.Offset, err)
			}
		}
		if err := w.in.CommitMessages(ctx, m); err != nil {
			return err
		}
	}
}

func (w *Worker) store(ctx context.Context, m kafka.Message) error {
	_, err := w.blobs.UploadBuffer(ctx, "events", fmt.Sprintf("%d-%d", m.Partition, m.Offset), m.Value, nil)
	return err
}
