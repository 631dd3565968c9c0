// Package rabbit acknowledges on every way out. RabbitMQ holds what is not acknowledged for
// as long as the consumer lives: moved to the end, the call would leave what failed in
// nobody's hands. No fix.
package rabbit

import (
	"context"
	"encoding/json"
	"log/slog"

	"github.com/Azure/azure-sdk-for-go/sdk/data/aztables"
	amqp "github.com/rabbitmq/amqp091-go"
)

type user struct{ Tenant, ID, Mail string }

type Users struct{ Table *aztables.Client }

func (u *Users) Listen(ctx context.Context, ch *amqp.Channel) error {
	msgs, err := ch.ConsumeWithContext(ctx, "users", "importer", false, false, false, false, nil)
	if err != nil {
		return err
	}
	for msg := range msgs {
		u.handle(ctx, msg)
	}
	return ctx.Err()
}

func (u *Users) handle(ctx context.Context, msg amqp.Delivery) {
	// now: deleteonerror
	defer msg.Ack(false)

	var x user
	if err := json.Unmarshal(msg.Body, &x); err != nil {
		slog.Warn("not a user", "err", err)
		return
	}
	row, _ := json.Marshal(map[string]string{"PartitionKey": x.Tenant, "RowKey": x.ID, "Mail": x.Mail})
	if _, err := u.Table.UpsertEntity(ctx, row, nil); err != nil {
		slog.Error("user not stored", "id", x.ID, "err", err)
		return
	}
}
