// Package marksfailed marks each message, also those whose work failed.
package marksfailed

import (
	"context"
	"encoding/json"
	"log"

	"github.com/Azure/azure-sdk-for-go/sdk/data/aztables"
	"github.com/IBM/sarama"
)

type Consumer struct {
	orders *aztables.Client
}

func (c *Consumer) Setup(sarama.ConsumerGroupSession) error   { return nil }
func (c *Consumer) Cleanup(sarama.ConsumerGroupSession) error { return nil }

func (c *Consumer) ConsumeClaim(session sarama.ConsumerGroupSession, claim sarama.ConsumerGroupClaim) error {
	for msg := range claim.Messages() {
		if err := c.save(session.Context(), msg.Value); err != nil {
			log.Printf("partition %d offset %d: %v", msg.Partition, msg.Offset, err)
		}
		session.MarkMessage(msg, "") // want `settled although .* failed.*\(deleteonerror\)`
	}
	return nil
}

func (c *Consumer) save(ctx context.Context, value []byte) error {
	var order struct{ Shop, Number, State string }
	if err := json.Unmarshal(value, &order); err != nil {
		return err
	}
	row, err := json.Marshal(map[string]string{
		"PartitionKey": order.Shop, "RowKey": order.Number, "State": order.State,
	})
	if err != nil {
		return err
	}
	_, err = c.orders.UpsertEntity(ctx, row, nil)
	return err
}
