// Package worker uses them with types of its own.
package worker

import (
	"context"
	"log"
	"net/rpc"

	"github.com/idemlint/idemlint/testdata/queues/directives/generic/q"
)

// Score is what comes.
type Score struct {
	Player string
	Points int
}

// Total is what is kept.
type Total struct{ Points int }

// Worker adds scores up.
type Worker struct {
	scores *q.Queue[Score]
	totals q.Store[string, Total]
}

// Run adds what is there.
func (w *Worker) Run(ctx context.Context) error {
	list, err := w.scores.Take(ctx, 8)
	if err != nil {
		return err
	}
	for _, s := range list {
		if err := w.add(ctx, s); err != nil {
			log.Printf("%s: %v", s.Player, err)
			continue
		}
		if err := w.scores.Done(ctx, s); err != nil {
			return err
		}
	}
	return nil
}

func (w *Worker) add(ctx context.Context, s Score) error {
	total, err := w.totals.Get(ctx, s.Player)
	if err != nil {
		return err
	}
	total.Points += s.Points
	return w.totals.Put(ctx, s.Player, total) // want `read-modify-write without a precondition: what q.Store Put writes.*\(etag\)`
}

// Register adds a step that keeps the last score, and hides that it could not.
func Register(steps *q.Steps[Score], last q.Store[string, Score], c *rpc.Client) {
	steps.Add(func(ctx context.Context, s Score) error {
		if err := last.Put(ctx, s.Player, s); err != nil {
			log.Print(err)
		}
		return nil // want `settled although the work failed: when q.Store Put fails.*\(deleteonerror\)`
	})
}
