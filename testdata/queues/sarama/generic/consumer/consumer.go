// Package consumer is how this house consumes topics: a handler for each type of event.
package consumer

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/IBM/sarama"
)

// Handler handles one event. An error stops the partition until the next session.
type Handler[T any] func(ctx context.Context, key string, event T) error

// Group is a sarama.ConsumerGroupHandler.
type Group[T any] struct {
	Handle Handler[T]
}

func (g *Group[T]) Setup(sarama.ConsumerGroupSession) error   { return nil }
func (g *Group[T]) Cleanup(sarama.ConsumerGroupSession) error { return nil }

func (g *Group[T]) ConsumeClaim(session sarama.ConsumerGroupSession, claim sarama.ConsumerGroupClaim) error {
	for m := range claim.Messages() {
		var event T
		if err := json.Unmarshal(m.Value, &event); err != nil {
			return fmt.Errorf("offset %d: %w", m.Offset, err)
		}
		if err := g.Handle(session.Context(), string(m.Key), event); err != nil {
			return fmt.Errorf("offset %d: %w", m.Offset, err)
		}
		session.MarkMessage(m, "")
	}
	return nil
}
