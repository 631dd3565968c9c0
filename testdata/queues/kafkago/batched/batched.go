// Package batched gathers messages, stores them as one blob named by the first and last
// offset of its only partition, and commits them together.
package batched

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob"
	"github.com/segmentio/kafka-go"
)

const size = 500

func Sink(ctx context.Context, r *kafka.Reader, blobs *azblob.Client) error {
	for {
		batch, err := fetch(ctx, r)
		if err != nil {
			return err
		}
		if len(batch) == 0 {
			continue
		}
		var lines bytes.Buffer
		for _, m := range batch {
			lines.Write(m.Value)
			lines.WriteByte('\n')
		}
		first, last := batch[0], batch[len(batch)-1]
		name := fmt.Sprintf("%s/%d/%d-%d.ndjson", first.Topic, first.Partition, first.Offset, last.Offset)
		if _, err := blobs.UploadBuffer(ctx, "lake", name, lines.Bytes(), nil); err != nil {
			return err
		}
		if err := r.CommitMessages(ctx, batch...); err != nil {
			return err
		}
	}
}

// fetch gathers what comes within five seconds.
func fetch(ctx context.Context, r *kafka.Reader) ([]kafka.Message, error) {
	within, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	var batch []kafka.Message
	for len(batch) < size {
		m, err := r.FetchMessage(within)
		if errors.Is(err, context.DeadlineExceeded) && ctx.Err() == nil {
			return batch, nil
		}
		if err != nil {
			return nil, err
		}
		batch = append(batch, m)
	}
	return batch, nil
}
