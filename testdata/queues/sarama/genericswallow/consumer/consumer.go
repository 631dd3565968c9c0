// Package consumer consumes topics for the whole house. Handlers return errors, but the
// loop only counts them.
package consumer

import (
	"context"
	"sync/atomic"

	"github.com/IBM/sarama"
)

// Failed counts the messages whose handler returned an error.
var Failed atomic.Int64

// Processor works on a message's value.
type Processor interface {
	Process(ctx context.Context, value []byte) error
}

type Group struct {
	processors map[string]Processor
}

func New(processors map[string]Processor) *Group { return &Group{processors: processors} }

func (g *Group) Setup(sarama.ConsumerGroupSession) error   { return nil }
func (g *Group) Cleanup(sarama.ConsumerGroupSession) error { return nil }

func (g *Group) ConsumeClaim(session sarama.ConsumerGroupSession, claim sarama.ConsumerGroupClaim) error {
	p := g.processors[claim.Topic()]
	for m := range claim.Messages() {
		if err := p.Process(session.Context(), m.Value); err != nil {
			Failed.Add(1)
		}
		session.MarkMessage(m, "") // want `settled although .* failed.*\(deleteonerror\)`
	}
	return nil
}
