// Package marksearly marks a record before it posts it.
package marksearly

import (
	"bytes"
	"context"
	"net/http"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"
)

type Poster struct {
	kafka *kgo.Client
	http  *http.Client
	url   string
}

func New(brokers []string, group, topic, url string) (*Poster, error) {
	cl, err := kgo.NewClient(kgo.SeedBrokers(brokers...), kgo.ConsumerGroup(group), kgo.ConsumeTopics(topic), kgo.AutoCommitMarks())
	if err != nil {
		return nil, err
	}
	return &Poster{cl, &http.Client{Timeout: 5 * time.Second}, url}, nil
}

func (p *Poster) Run(ctx context.Context) error {
	for ctx.Err() == nil {
		fetches := p.kafka.PollRecords(ctx, 1)
		for it := fetches.RecordIter(); !it.Done(); {
			r := it.Next()
			p.kafka.MarkCommitRecords(r) // want `settled before the work is done.*\(earlydelete\)`
			resp, err := p.http.Post(p.url, "application/json", bytes.NewReader(r.Value))
			if err != nil {
				return err
			}
			resp.Body.Close()
		}
	}
	return ctx.Err()
}
