// Package simulate runs simulations that take hours.
//
// Right: the lock is renewed each ten seconds while the simulation runs, the shortest lock there is lasts thirty;
// when a renewal fails the simulation is stopped and the message is left to whoever has it now.
package simulate

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"os/exec"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/messaging/azservicebus"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob"
)

// Lab is a lab.
type Lab struct {
	Receiver *azservicebus.Receiver
	Results  *azblob.Client
	Program  string
}

// Run simulates until receiving fails.
func (l *Lab) Run(ctx context.Context) error {
	for {
		msgs, err := l.Receiver.ReceiveMessages(ctx, 1, nil)
		if err != nil {
			return fmt.Errorf("receive: %w", err)
		}
		for _, m := range msgs {
			if err := l.underLock(ctx, m, l.simulate); err != nil {
				slog.Error("simulation", "id", m.MessageID, "delivery", m.DeliveryCount, "err", err)
				continue
			}
			if err := l.Receiver.CompleteMessage(ctx, m, nil); err != nil {
				slog.Error("complete", "id", m.MessageID, "err", err)
			}
		}
	}
}

func (l *Lab) underLock(parent context.Context, m *azservicebus.ReceivedMessage, work func(context.Context, *azservicebus.ReceivedMessage) error) error {
	ctx, cancel := context.WithCancelCause(parent)
	done := make(chan struct{})
	go func() {
		defer close(done)
		for {
			select {
			case <-ctx.Done():
				return
			case <-time.After(10 * time.Second):
			}
			if err := l.Receiver.RenewMessageLock(ctx, m, nil); err != nil && ctx.Err() == nil {
				cancel(fmt.Errorf("lock lost: %w", err))
				return
			}
		}
	}()
	err := work(ctx, m)
	cancel(err)
	<-done
	if err == nil {
		return nil
	}
	return context.Cause(ctx)
}

func (l *Lab) simulate(ctx context.Context, m *azservicebus.ReceivedMessage) error {
	cmd := exec.CommandContext(ctx, l.Program, "--seed", "1")
	cmd.Stdin = bytes.NewReader(m.Body)
	out, err := cmd.Output()
	if err != nil {
		return err
	}
	_, err = l.Results.UploadBuffer(ctx, "simulations", m.MessageID, out, nil)
	return err
}
