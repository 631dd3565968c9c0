// Package retry is the in-house retry helper.
package retry

import (
	"context"
	"time"
)

// Policy says how often and how long between.
type Policy struct {
	Attempts int
	Pause    time.Duration
}

// Default is used nearly everywhere.
var Default = Policy{Attempts: 4, Pause: 500 * time.Millisecond}

// Do calls fn until it succeeds.
func Do(ctx context.Context, p Policy, fn func(context.Context) error) error {
	var err error
	for i := 0; i < p.Attempts; i++ {
		if i > 0 {
			select {
			case <-ctx.Done():
				return ctx.Err()
			case <-time.After(p.Pause):
			}
		}
		if err = fn(ctx); err == nil {
			return nil
		}
	}
	return err
}
