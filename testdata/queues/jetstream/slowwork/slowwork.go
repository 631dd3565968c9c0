// Package slowwork gives its converter two minutes, but its consumer only thirty seconds.
package slowwork

import (
	"context"
	"os/exec"
	"strings"
	"time"

	"github.com/nats-io/nats.go/jetstream"
)

func Run(ctx context.Context, stream jetstream.Stream) error {
	cons, err := stream.CreateOrUpdateConsumer(ctx, jetstream.ConsumerConfig{
		Durable:   "converter",
		AckPolicy: jetstream.AckExplicitPolicy,
		AckWait:   30 * time.Second,
	})
	if err != nil {
		return err
	}
	messages, err := cons.Messages()
	if err != nil {
		return err
	}
	defer messages.Stop()
	for {
		msg, err := messages.Next()
		if err != nil {
			return err
		}
		if err := convert(ctx, strings.TrimSpace(string(msg.Data()))); err != nil {
			msg.NakWithDelay(10 * time.Second)
			continue
		}
		if err := msg.Ack(); err != nil {
			return err
		}
	}
}

func convert(ctx context.Context, file string) error {
	ctx, cancel := context.WithTimeout(ctx, 2*time.Minute)
	defer cancel()
	return exec.CommandContext(ctx, "ffmpeg", "-i", file, file+".webm").Run() // want `can outlast the lease.*\(visibility\)`
}
