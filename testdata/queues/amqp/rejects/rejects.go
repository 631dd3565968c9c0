// Package rejects sets aside what is no JSON, and gives back what failed otherwise.
package rejects

import (
	"context"
	"encoding/json"

	"github.com/Azure/azure-sdk-for-go/sdk/data/aztables"
	amqp "github.com/rabbitmq/amqp091-go"
)

type reading struct {
	Sensor string
	At     string
	Value  float64
}

func Readings(ctx context.Context, ch *amqp.Channel, table *aztables.Client) error {
	msgs, err := ch.Consume("readings", "", false, false, false, false, nil)
	if err != nil {
		return err
	}
	for d := range msgs {
		var r reading
		if err := json.Unmarshal(d.Body, &r); err != nil {
			_ = d.Nack(false, false)
			continue
		}
		row, err := json.Marshal(map[string]any{"PartitionKey": r.Sensor, "RowKey": r.At, "Value": r.Value})
		if err != nil {
			_ = d.Reject(false)
			continue
		}
		if _, err := table.UpsertEntity(ctx, row, nil); err != nil {
			_ = d.Nack(false, true)
			continue
		}
		_ = d.Ack(false)
	}
	return ctx.Err()
}
