// Package indexer works on uploads: it counts the symbols of each in the total of its
// repository.
package indexer

import (
	"context"

	"github.com/idemlint/idemlint/testdata/queues/directives/workerutil/util"
)

// Upload is a record.
type Upload struct {
	ID         int
	Repository string
	Symbols    []string
}

// Totals keeps how many symbols there are.
type Totals interface {
	//idemlint:read key=1
	Symbols(ctx context.Context, repository string) (int, error)
	//idemlint:write key=1 value=2
	SetSymbols(ctx context.Context, repository string, n int) error
}

type handler struct{ totals Totals }

// Handle implements util.Handler.
func (h *handler) Handle(ctx context.Context, u Upload) error {
	n, err := h.totals.Symbols(ctx, u.Repository)
	if err != nil {
		return err
	}
	return h.totals.SetSymbols(ctx, u.Repository, n+len(u.Symbols)) // want `read-modify-write without a precondition: what indexer.Totals SetSymbols writes.*\(etag\)`
}

// Start runs a worker.
func Start(ctx context.Context, s util.Store[Upload], t Totals) error {
	return util.NewWorker(s, util.Handler[Upload](&handler{t})).Run(ctx)
}
