// Package watcher starts a goroutine that looks, while the job is worked on, whether it was
// cancelled: right, the work itself is waited for.
package watcher

import (
	"context"
	"time"

	"cloud.google.com/go/firestore"
	"github.com/riverqueue/river"
)

type ExportArgs struct{ ID string }

func (ExportArgs) Kind() string { return "export" }

// Jobs is implemented elsewhere.
type Jobs interface {
	Cancelled(ctx context.Context, id string) (bool, error)
}

type ExportWorker struct {
	river.WorkerDefaults[ExportArgs]
	jobs    Jobs
	exports *firestore.CollectionRef
}

func (w *ExportWorker) Work(ctx context.Context, job *river.Job[ExportArgs]) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	go watch(ctx, w.jobs, cancel, job.Args.ID)
	if _, err := w.exports.Doc(job.Args.ID).Set(ctx, map[string]any{"done": true}); err != nil {
		return err
	}
	return nil
}

func watch(ctx context.Context, jobs Jobs, cancel context.CancelFunc, id string) {
	tick := time.NewTicker(15 * time.Second)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			if gone, err := jobs.Cancelled(ctx, id); err == nil && gone {
				cancel()
				return
			}
		}
	}
}
