// Package swallowed renders an invoice and completes the job though the upload failed.
package swallowed

import (
	"bytes"
	"context"
	"log/slog"

	"cloud.google.com/go/firestore"
	"github.com/riverqueue/river"
)

type InvoiceArgs struct {
	Invoice string
	Lines   []string
}

func (InvoiceArgs) Kind() string { return "invoice" }

type InvoiceWorker struct {
	river.WorkerDefaults[InvoiceArgs]
	Invoices *firestore.CollectionRef
}

func (w *InvoiceWorker) Work(ctx context.Context, job *river.Job[InvoiceArgs]) error {
	var buf bytes.Buffer
	for _, l := range job.Args.Lines {
		buf.WriteString(l + "\n")
	}
	if _, err := w.Invoices.Doc(job.Args.Invoice).Set(ctx, map[string]any{"text": buf.String()}); err != nil {
		slog.Error("invoice not stored", "invoice", job.Args.Invoice, "err", err)
		return nil // want `settled although the work failed.*\(deleteonerror\)`
	}
	return nil
}
