// Package repo is called by the pages of the shop, with orders that came from no queue:
// no window opens in it, although its functions are given what elsewhere is a message.
package repo

import (
	"context"

	"github.com/idemlint/idemlint/testdata/queues/directives/okdomain/mq"
)

// Table is a table.
type Table interface {
	//idemlint:read key=1
	Get(ctx context.Context, id string) (int, error)
	//idemlint:write key=1 value=2
	Set(ctx context.Context, id string, n int) error
}

// Repo keeps how many lines there are.
type Repo struct{ table Table }

// Draft is an order that is not made yet.
type Draft struct {
	Order   mq.Order
	Comment string
}

// AddDraft counts the lines of a draft.
func (r *Repo) AddDraft(ctx context.Context, d Draft) error { return r.Add(ctx, d.Order) }

// Add counts the lines of an order.
func (r *Repo) Add(ctx context.Context, o mq.Order) error {
	n, err := r.table.Get(ctx, "lines")
	if err != nil {
		return err
	}
	return r.table.Set(ctx, "lines", n+len(o.Lines))
}
