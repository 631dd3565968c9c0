// Package worker turns registered visits into grants.
package worker

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/to"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azqueue/v2"
	"github.com/idemlint/idemlint/testdata/handlers/unseen/a02doorpass/domain"
)

// Worker reads the queue of the desk.
type Worker struct {
	visits *azqueue.QueueClient
	grants domain.Grants
	policy domain.Policy
	now    func() time.Time
	idle   time.Duration
	log    *slog.Logger
}

// Option changes a Worker.
type Option func(*Worker)

// WithClock is for tests.
func WithClock(now func() time.Time) Option { return func(w *Worker) { w.now = now } }

// WithPolicy replaces the policy of a working day.
func WithPolicy(p domain.Policy) Option { return func(w *Worker) { w.policy = p } }

// New returns a Worker.
func New(visits *azqueue.QueueClient, grants domain.Grants, opts ...Option) *Worker {
	w := &Worker{
		visits: visits,
		grants: grants,
		policy: domain.Policy{Term: 10 * time.Hour},
		now:    time.Now,
		idle:   2 * time.Second,
		log:    slog.Default().With("component", "doorpass"),
	}
	for _, o := range opts {
		o(w)
	}
	return w
}

// Run works until the context ends.
func (w *Worker) Run(ctx context.Context) error {
	timer := time.NewTimer(0)
	defer timer.Stop()
	for {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-timer.C:
		}
		n, err := w.poll(ctx)
		if err != nil {
			w.log.ErrorContext(ctx, "poll", "err", err)
		}
		if n > 0 {
			timer.Reset(0)
			continue
		}
		timer.Reset(w.idle)
	}
}

func (w *Worker) poll(ctx context.Context) (int, error) {
	resp, err := w.visits.DequeueMessages(ctx, &azqueue.DequeueMessagesOptions{NumberOfMessages: to.Ptr(int32(10))})
	if err != nil {
		return 0, err
	}
	for _, m := range resp.Messages {
		if err := w.handle(ctx, m); err != nil {
			w.log.ErrorContext(ctx, "visit", "message", *m.MessageID, "attempt", *m.DequeueCount, "err", err)
		}
	}
	return len(resp.Messages), nil
}

func (w *Worker) handle(ctx context.Context, m *azqueue.DequeuedMessage) error {
	var v domain.Visit
	if err := json.Unmarshal([]byte(*m.MessageText), &v); err != nil {
		return err
	}
	grant, err := w.policy.Grant(v, w.now())
	switch {
	case errors.Is(err, domain.ErrNoDoors):
		w.log.InfoContext(ctx, "nothing to grant", "visit", v.ID)
	case err != nil:
		return err
	default:
		if err := w.grants.Save(ctx, grant); err != nil {
			return err
		}
	}
	_, err = w.visits.DeleteMessage(ctx, *m.MessageID, *m.PopReceipt, nil)
	return err
}
