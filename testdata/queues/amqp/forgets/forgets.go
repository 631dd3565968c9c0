// Package forgets acknowledges new orders, but not those it only had to update.
package forgets

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/data/aztables"
	amqp "github.com/rabbitmq/amqp091-go"
)

type Orders struct {
	table *aztables.Client
}

func (o *Orders) Run(ctx context.Context, ch *amqp.Channel) error {
	msgs, err := ch.Consume("orders", "", false, false, false, false, nil)
	if err != nil {
		return err
	}
	for d := range msgs {
		row, err := rowOf(d.Body)
		if err != nil {
			d.Reject(false)
			continue
		}
		_, err = o.table.AddEntity(ctx, row, nil)
		if exists(err) {
			if _, err := o.table.UpsertEntity(ctx, row, nil); err != nil {
				d.Nack(false, true)
			}
			continue // miss `stays unsettled`
		}
		if err != nil {
			d.Nack(false, true)
			continue
		}
		d.Ack(false)
	}
	return ctx.Err()
}

func rowOf(body []byte) ([]byte, error) {
	var order struct{ Shop, Number, State string }
	if err := json.Unmarshal(body, &order); err != nil {
		return nil, err
	}
	if order.Number == "" {
		return nil, fmt.Errorf("an order without a number")
	}
	return json.Marshal(map[string]string{"PartitionKey": order.Shop, "RowKey": order.Number, "State": order.State})
}

func exists(err error) bool {
	var answer *azcore.ResponseError
	return errors.As(err, &answer) && answer.ErrorCode == string(aztables.EntityAlreadyExists)
}
