// Package cachefeed keeps prices in memory: what a crash loses is read again from the
// start of the topic, as each process reads all of it, without a group.
package cachefeed

import (
	"context"
	"encoding/json"
	"sync"

	"github.com/segmentio/kafka-go"
)

type Prices struct {
	mu sync.RWMutex
	of map[string]int64
}

func (p *Prices) Follow(ctx context.Context, broker string) error {
	r := kafka.NewReader(kafka.ReaderConfig{Brokers: []string{broker}, Topic: "prices", StartOffset: kafka.FirstOffset})
	defer r.Close()
	for {
		m, err := r.ReadMessage(ctx)
		if err != nil {
			return err
		}
		var cents int64
		if err := json.Unmarshal(m.Value, &cents); err != nil {
			continue
		}
		p.mu.Lock()
		p.of[string(m.Key)] = cents
		p.mu.Unlock()
	}
}

func (p *Prices) Of(article string) (int64, bool) {
	p.mu.RLock()
	defer p.mu.RUnlock()
	cents, ok := p.of[article]
	return cents, ok
}
