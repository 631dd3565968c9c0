// Package worker counts visits: it reads a number, adds one and writes it back, and
// nothing keeps two workers from doing so at once. Queue and store are known by the
// directives of the packages that it imports.
package worker

import (
	"context"

	"github.com/idemlint/idemlint/testdata/queues/directives/linecounter/kv"
	"github.com/idemlint/idemlint/testdata/queues/directives/linecounter/lineq"
)

// Counter counts.
type Counter struct {
	Queue *lineq.Client
	Store kv.Store
}

// Step counts what is there.
func (c *Counter) Step(ctx context.Context) error {
	visits, err := c.Queue.Take(ctx, 16, 60)
	if err != nil {
		return err
	}
	for _, v := range visits {
		n, err := c.Store.Get(ctx, v.Page)
		if err != nil {
			return err
		}
		if err := c.Store.Set(ctx, v.Page, n+1); err != nil { // want `read-modify-write without a precondition: what kv.Store Set writes.*\(etag\)`
			return err
		}
		if err := c.Queue.Drop(ctx, v); err != nil {
			return err
		}
	}
	return nil
}
