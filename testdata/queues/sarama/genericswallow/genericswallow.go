// Package genericswallow relies on a consumer that marks what its processor could not do.
package genericswallow

import (
	"bytes"
	"context"
	"fmt"
	"net/http"

	"github.com/IBM/sarama"

	"github.com/idemlint/idemlint/testdata/queues/sarama/genericswallow/consumer"
)

type indexer struct{ url string }

func (x indexer) Process(ctx context.Context, value []byte) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodPut, x.url, bytes.NewReader(value))
	if err != nil {
		return err
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return fmt.Errorf("index: %s", resp.Status)
	}
	return nil
}

func Run(ctx context.Context, group sarama.ConsumerGroup) error {
	h := consumer.New(map[string]consumer.Processor{"articles": indexer{"http://search/articles"}})
	return group.Consume(ctx, []string{"articles"}, h)
}
