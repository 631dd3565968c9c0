// Package skipsfailed goes on with the next message where one failed: the next commit of
// the partition covers the failed one, too.
package skipsfailed

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"time"

	"github.com/segmentio/kafka-go"
)

type Forwarder struct {
	reader *kafka.Reader
	client *http.Client
	target string
}

func New(reader *kafka.Reader, target string) *Forwarder {
	return &Forwarder{reader: reader, target: target, client: &http.Client{Timeout: 10 * time.Second}}
}

func (f *Forwarder) Run(ctx context.Context) error {
	for ctx.Err() == nil {
		msg, err := f.reader.FetchMessage(ctx)
		if err != nil {
			return err
		}
		if err := f.forward(ctx, msg.Value); err != nil {
			slog.Error("forward", "partition", msg.Partition, "offset", msg.Offset, "err", err)
			continue // not committed, so it comes again: or so it seems
		}
		if err := f.reader.CommitMessages(ctx, msg); err != nil { // want `settled although .* failed.*\(deleteonerror\)`
			return err
		}
	}
	return ctx.Err()
}

func (f *Forwarder) forward(ctx context.Context, body []byte) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodPut, f.target, bytes.NewReader(body))
	if err != nil {
		return err
	}
	resp, err := f.client.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	if resp.StatusCode >= 300 {
		return fmt.Errorf("%s: %s", f.target, resp.Status)
	}
	return nil
}
