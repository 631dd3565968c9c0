package polls

import (
	"context"
	"errors"
	"math/rand/v2"
	"time"
)

// conflictError says that a write lost against another.
type conflictError struct{ key string }

func (e *conflictError) Error() string { return "conflict on " + e.key }

// onConflict repeats fn as long as it loses, five times at most, with pauses below a second.
func onConflict(ctx context.Context, fn func(ctx context.Context) error) error {
	var err error
	for i := range 5 {
		if err = fn(ctx); err == nil {
			return nil
		}
		var lost *conflictError
		if !errors.As(err, &lost) {
			return err
		}
		pause := time.Duration(50*(i+1))*time.Millisecond + rand.N(50*time.Millisecond)
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(pause):
		}
	}
	return err
}
