// Package generic keeps the last position of each truck: a row for each, replaced by
// each event, as the events of a truck come in order. An old one that comes again is
// followed by all that came after it.
package generic

import (
	"context"
	"encoding/json"

	"github.com/Azure/azure-sdk-for-go/sdk/data/aztables"
	"github.com/IBM/sarama"

	"github.com/idemlint/idemlint/testdata/queues/sarama/generic/consumer"
)

type position struct {
	Lat, Lon float64
}

type row struct {
	PartitionKey, RowKey string
	position
}

func Start(ctx context.Context, group sarama.ConsumerGroup, trucks *aztables.Client) error {
	return group.Consume(ctx, []string{"positions"}, &consumer.Group[position]{
		Handle: func(ctx context.Context, truck string, p position) error {
			body, err := json.Marshal(row{"trucks", truck, p})
			if err != nil {
				return err
			}
			_, err = trucks.UpsertEntity(ctx, body, nil)
			return err
		},
	})
}
