// Package followjob inserts a next job whose arguments hold a new id at each attempt.
package followjob

import (
	"context"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/riverqueue/river"
)

type ChargeArgs struct{ Order string }

func (ChargeArgs) Kind() string { return "charge" }

type ReceiptArgs struct {
	ReceiptID string
	Order     string
}

func (ReceiptArgs) Kind() string { return "receipt" }

type ChargeWorker struct {
	river.WorkerDefaults[ChargeArgs]
}

func (w *ChargeWorker) Work(ctx context.Context, job *river.Job[ChargeArgs]) error {
	client := river.ClientFromContext[pgx.Tx](ctx)
	_, err := client.Insert(ctx, ReceiptArgs{ReceiptID: uuid.NewString(), Order: job.Args.Order}, nil) // want `the identity of what .* makes changes with each attempt.*\(freshkey\)`
	return err
}
