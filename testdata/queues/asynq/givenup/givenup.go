// Package givenup gives a task up on purpose after its fifth retry: right, the count of
// deliveries decides.
package givenup

import (
	"context"
	"log/slog"

	"github.com/hibiken/asynq"
	"gocloud.dev/blob"
)

type Uploader struct{ bucket *blob.Bucket }

func (u *Uploader) ProcessTask(ctx context.Context, t *asynq.Task) error {
	id, _ := asynq.GetTaskID(ctx)
	err := u.bucket.WriteAll(ctx, "uploads/"+id, t.Payload(), nil)
	if err == nil {
		return nil
	}
	if tried, ok := asynq.GetRetryCount(ctx); ok && tried >= 5 {
		slog.Error("giving up", "task", id, "err", err)
		return nil
	}
	return err
}
