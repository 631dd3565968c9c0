// Package retried tries one message until it is done: nothing after it is fetched, let
// alone committed.
package retried

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"time"

	"github.com/segmentio/kafka-go"
)

var client = &http.Client{Timeout: 10 * time.Second}

func Index(ctx context.Context, r *kafka.Reader, url string) error {
	for {
		m, err := r.FetchMessage(ctx)
		if err != nil {
			return err
		}
		for wait := time.Second; ; wait = min(2*wait, time.Minute) {
			err := put(ctx, fmt.Sprintf("%s/%s", url, m.Key), m.Value)
			if err == nil {
				break
			}
			slog.Warn("index", "offset", m.Offset, "err", err, "again in", wait)
			select {
			case <-time.After(wait):
			case <-ctx.Done():
				return ctx.Err()
			}
		}
		if err := r.CommitMessages(ctx, m); err != nil {
			return err
		}
	}
}

func put(ctx context.Context, url string, doc []byte) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodPut, url, bytes.NewReader(doc))
	if err != nil {
		return err
	}
	resp, err := client.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	if resp.StatusCode/100 != 2 {
		return fmt.Errorf("index: %s", resp.Status)
	}
	return nil
}
