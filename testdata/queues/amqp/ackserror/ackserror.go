// Package ackserror acknowledges what failed, to get it out of the way: the error arm
// records nothing.
package ackserror

import (
	"context"
	"log"
	"os/exec"
	"strings"

	amqp "github.com/rabbitmq/amqp091-go"
)

func Convert(ctx context.Context, deliveries <-chan amqp.Delivery) {
	for d := range deliveries {
		file := strings.TrimSpace(string(d.Body))
		cmd := exec.CommandContext(ctx, "convert", file, file+".png")
		if out, err := cmd.CombinedOutput(); err != nil {
			log.Printf("convert %s: %v: %s", file, err, out)
			d.Ack(false) // want `settled although .* failed.*\(deleteonerror\)`
			continue
		}
		if err := d.Ack(false); err != nil {
			log.Printf("ack %s: %v", file, err)
		}
	}
}
