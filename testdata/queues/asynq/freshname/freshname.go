// Package freshname exports a report under the time of the attempt: each retry leaves
// another file.
package freshname

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/hibiken/asynq"
	"gocloud.dev/blob"
)

type request struct {
	Account string
	Rows    []string
}

func Handler(bucket *blob.Bucket) asynq.HandlerFunc {
	return func(ctx context.Context, task *asynq.Task) error {
		var r request
		if err := json.Unmarshal(task.Payload(), &r); err != nil {
			return fmt.Errorf("%v: %w", err, asynq.SkipRetry)
		}
		data, err := json.Marshal(r.Rows)
		if err != nil {
			return err
		}
		name := fmt.Sprintf("exports/%s/%s.json", r.Account, time.Now().Format("20060102-150405"))
		return bucket.WriteAll(ctx, name, data, nil) // want `the key of what .* makes changes with each attempt.*\(freshkey\)`
	}
}
