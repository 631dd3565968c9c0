// Package contract files contracts that have been signed.
package contract

import (
	"context"
	"errors"
	"log/slog"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/to"
	"github.com/Azure/azure-sdk-for-go/sdk/messaging/azservicebus"
	"golang.org/x/sync/errgroup"
)

// Handler handles the body of a message.
type Handler interface {
	Handle(ctx context.Context, id string, body []byte) error
}

// HandlerFunc is a Handler.
type HandlerFunc func(ctx context.Context, id string, body []byte) error

// Handle implements Handler.
func (f HandlerFunc) Handle(ctx context.Context, id string, body []byte) error {
	return f(ctx, id, body)
}

// Consumer gives messages to a Handler.
type Consumer struct {
	rcv     *azservicebus.Receiver
	handler Handler
	log     *slog.Logger
}

// NewConsumer returns a Consumer that files.
func NewConsumer(rcv *azservicebus.Receiver, f *Filer, log *slog.Logger) *Consumer {
	return &Consumer{rcv: rcv, handler: HandlerFunc(f.File), log: log}
}

// Run consumes until the context ends.
func (c *Consumer) Run(ctx context.Context) error {
	for {
		msgs, err := c.rcv.ReceiveMessages(ctx, 8, nil)
		if err != nil {
			return err
		}
		var g errgroup.Group
		for _, msg := range msgs {
			g.Go(func() error { return c.process(ctx, msg) })
		}
		if err := g.Wait(); err != nil {
			c.log.ErrorContext(ctx, "settlement failed", "err", err)
		}
	}
}

func (c *Consumer) process(ctx context.Context, msg *azservicebus.ReceivedMessage) error {
	err := c.handler.Handle(ctx, msg.MessageID, msg.Body)
	log := c.log.With("message", msg.MessageID, "delivery", msg.DeliveryCount)

	var perm *PermanentError
	switch {
	case err == nil:
		return c.rcv.CompleteMessage(ctx, msg, nil)
	case errors.Is(err, errStored):
		log.InfoContext(ctx, "duplicate delivery ignored")
		return nil // want `already done.*unsettled.*\(missingdelete\)`
	case errors.As(err, &perm):
		log.ErrorContext(ctx, "dead-lettered", "err", err)
		return c.rcv.DeadLetterMessage(ctx, msg, &azservicebus.DeadLetterOptions{
			Reason:           to.Ptr(perm.Reason),
			ErrorDescription: to.Ptr(err.Error()),
		})
	default:
		log.WarnContext(ctx, "abandoned", "err", err)
		return c.rcv.AbandonMessage(ctx, msg, nil)
	}
}
