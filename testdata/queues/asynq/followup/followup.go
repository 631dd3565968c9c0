// Package followup enqueues the next step under an id made of the order, and takes the
// conflict for what it is: right.
package followup

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/hibiken/asynq"
	"gocloud.dev/blob"
)

type confirm struct{ Order string }

type Steps struct {
	queue *asynq.Client
	files *blob.Bucket
}

func (s *Steps) Confirm(ctx context.Context, t *asynq.Task) error {
	var c confirm
	if err := json.Unmarshal(t.Payload(), &c); err != nil {
		return fmt.Errorf("%w: %w", err, asynq.SkipRetry)
	}
	if err := s.files.WriteAll(ctx, "confirmed/"+c.Order, t.Payload(), nil); err != nil {
		return err
	}
	next := asynq.NewTask("order:ship", t.Payload())
	info, err := s.queue.EnqueueContext(ctx, next, asynq.TaskID("ship:"+c.Order), asynq.ProcessIn(time.Hour))
	switch {
	case errors.Is(err, asynq.ErrTaskIDConflict):
		return nil
	case err != nil:
		return fmt.Errorf("enqueueing the shipment of %s: %w", c.Order, err)
	}
	slog.Info("shipment enqueued", "order", c.Order, "task", info.ID)
	return nil
}
