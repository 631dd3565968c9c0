// Package parked hands messages to workers, and marks them before they are worked on. Kafka
// has no lock that runs meanwhile.
package parked

import (
	"context"
	"log"

	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob"
	"github.com/IBM/sarama"
)

type Pool struct {
	jobs  chan *sarama.ConsumerMessage
	blobs *azblob.Client
}

func NewPool(ctx context.Context, n int, blobs *azblob.Client) *Pool {
	p := &Pool{jobs: make(chan *sarama.ConsumerMessage, 256), blobs: blobs}
	for range n {
		go p.work(ctx)
	}
	return p
}

func (p *Pool) work(ctx context.Context) {
	for m := range p.jobs {
		if _, err := p.blobs.UploadBuffer(ctx, "raw", string(m.Key), m.Value, nil); err != nil {
			log.Printf("raw %s: %v", m.Key, err)
		}
	}
}

func (p *Pool) Setup(sarama.ConsumerGroupSession) error   { return nil }
func (p *Pool) Cleanup(sarama.ConsumerGroupSession) error { return nil }

func (p *Pool) ConsumeClaim(s sarama.ConsumerGroupSession, c sarama.ConsumerGroupClaim) error {
	for m := range c.Messages() {
		p.jobs <- m
		s.MarkMessage(m, "") // want `\(earlydelete\)`
	}
	return nil
}
