// Package snoozed puts a job off while the service is busy and cancels what can never
// succeed: right.
package snoozed

import (
	"context"
	"fmt"
	"time"

	"cloud.google.com/go/firestore"
	"github.com/riverqueue/river"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

type SyncArgs struct {
	Contact string `json:"contact"`
	Email   string `json:"email"`
}

func (SyncArgs) Kind() string { return "sync_contact" }

type SyncWorker struct {
	river.WorkerDefaults[SyncArgs]
	contacts *firestore.CollectionRef
}

func Register(workers *river.Workers, contacts *firestore.CollectionRef) {
	river.AddWorker(workers, &SyncWorker{contacts: contacts})
}

func (w *SyncWorker) Work(ctx context.Context, job *river.Job[SyncArgs]) error {
	_, err := w.contacts.Doc(job.Args.Contact).Update(ctx, []firestore.Update{{Path: "email", Value: job.Args.Email}})
	switch status.Code(err) {
	case codes.OK:
		return nil
	case codes.ResourceExhausted:
		return river.JobSnooze(time.Minute)
	case codes.NotFound:
		return river.JobCancel(fmt.Errorf("no contact %s", job.Args.Contact))
	}
	return fmt.Errorf("contact %s: %w", job.Args.Contact, err)
}
