// Package producer sends messages that others make: what it is given has the type of a
// received message, but nobody received it.
package producer

import (
	"context"

	"github.com/google/uuid"
	"github.com/segmentio/kafka-go"
)

type Producer struct {
	orders, audit *kafka.Writer
}

func (p *Producer) Order(ctx context.Context, m kafka.Message) error {
	if err := p.orders.WriteMessages(ctx, m); err != nil {
		return err
	}
	return p.audit.WriteMessages(ctx, kafka.Message{Key: []byte(uuid.NewString()), Value: m.Value})
}
