// Package distributor is the producer's side: no message comes in here, and an enqueue that
// failed may be dropped. Right.
package distributor

import (
	"context"
	"encoding/json"
	"log/slog"

	"github.com/google/uuid"
	"github.com/hibiken/asynq"
)

type Distributor struct{ client *asynq.Client }

type welcome struct {
	MailID string
	To     string
}

func (d *Distributor) Welcome(ctx context.Context, to string) error {
	payload, err := json.Marshal(welcome{MailID: uuid.NewString(), To: to})
	if err != nil {
		return err
	}
	return d.Distribute(ctx, asynq.NewTask("mail:welcome", payload))
}

// Distribute enqueues a task that the caller made.
func (d *Distributor) Distribute(ctx context.Context, task *asynq.Task) error {
	if _, err := d.client.EnqueueContext(ctx, task, asynq.TaskID(uuid.NewString())); err != nil {
		slog.Error("not enqueued", "type", task.Type(), "err", err)
	}
	return nil
}

// Hint enqueues what may be lost.
func (d *Distributor) Hint(ctx context.Context, task *asynq.Task) error {
	if _, err := d.client.EnqueueContext(ctx, task); err != nil {
		slog.Warn("hint not enqueued", "type", task.Type(), "err", err)
	}
	return nil
}
