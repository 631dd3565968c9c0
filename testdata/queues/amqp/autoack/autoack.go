// Package autoack has the broker settle each job as it is sent out, and works on it then.
package autoack

import (
	"bytes"
	"context"
	"fmt"
	"log"
	"net/http"
	"time"

	amqp "github.com/rabbitmq/amqp091-go"
)

var client = &http.Client{Timeout: 20 * time.Second}

func Work(ctx context.Context, ch *amqp.Channel, hook string) error {
	q, err := ch.QueueDeclare("hooks", true, false, false, false, nil)
	if err != nil {
		return fmt.Errorf("declare: %w", err)
	}
	deliveries, err := ch.Consume(q.Name, "", true, false, false, false, nil)
	if err != nil {
		return fmt.Errorf("consume: %w", err)
	}
	for d := range deliveries { // want `settled as it is received.*\(earlydelete\)`
		resp, err := client.Post(hook, d.ContentType, bytes.NewReader(d.Body))
		if err != nil {
			log.Printf("hook: %v", err)
			continue
		}
		resp.Body.Close()
	}
	return ctx.Err()
}
