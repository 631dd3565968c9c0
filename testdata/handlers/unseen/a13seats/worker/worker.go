// Package worker answers requests for seats.
//
// Right: the version travels as a string inside a value, through an interface, and is the precondition of the write.
package worker

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/to"
	"github.com/Azure/azure-sdk-for-go/sdk/messaging/azservicebus"
	"github.com/idemlint/idemlint/testdata/handlers/unseen/a13seats/domain"
)

const tries = 3

type request struct {
	Booking string `json:"booking"`
	Show    string `json:"show"`
	Seat    string `json:"seat"`
}

// Worker works on one queue.
type Worker struct {
	rcv   *azservicebus.Receiver
	shows domain.Shows
}

// New returns a Worker.
func New(rcv *azservicebus.Receiver, shows domain.Shows) *Worker {
	return &Worker{rcv: rcv, shows: shows}
}

// Run ends with the context.
func (w *Worker) Run(ctx context.Context) error {
	for ctx.Err() == nil {
		msgs, err := w.rcv.ReceiveMessages(ctx, 1, nil)
		if err != nil {
			return err
		}
		for _, msg := range msgs {
			if err := w.one(ctx, msg); err != nil {
				slog.ErrorContext(ctx, "seats", "message", msg.MessageID, "err", err)
			}
		}
	}
	return ctx.Err()
}

func (w *Worker) one(ctx context.Context, msg *azservicebus.ReceivedMessage) error {
	var req request
	if err := json.Unmarshal(msg.Body, &req); err != nil {
		return w.rcv.DeadLetterMessage(ctx, msg, &azservicebus.DeadLetterOptions{Reason: to.Ptr("unreadable")})
	}
	if err := w.take(ctx, req); err != nil {
		if errors.Is(err, domain.ErrTaken) {
			return w.rcv.DeadLetterMessage(ctx, msg, &azservicebus.DeadLetterOptions{Reason: to.Ptr("taken")})
		}
		return errors.Join(err, w.rcv.AbandonMessage(ctx, msg, nil))
	}
	return w.rcv.CompleteMessage(ctx, msg, nil)
}

func (w *Worker) take(ctx context.Context, req request) error {
	for i := 0; i < tries; i++ {
		show, err := w.shows.Get(ctx, req.Show)
		if err != nil {
			return err
		}
		if err := show.Value.Take(req.Seat, req.Booking); err != nil {
			return err
		}
		err = w.shows.Put(ctx, show)
		if err == nil {
			return nil
		}
		if !errors.Is(err, domain.ErrConflict) {
			return fmt.Errorf("put: %w", err)
		}
	}
	return domain.ErrConflict
}
