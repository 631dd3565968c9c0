// Package freshid sends a mail for each job through a gateway that drops a mail whose
// key it has seen. The key names the attempt, so that no second attempt is dropped.
package freshid

import (
	"context"
	"fmt"
)

// Job is a received message; what it is made of is its own affair.
//
//idemlint:message identity=Key delivery=Attempt
type Job interface {
	Key() string
	Attempt() int
	Text() string

	// Ack removes the job.
	//
	//idemlint:settle
	Ack(ctx context.Context) error
}

// Source brings jobs.
type Source interface {
	//idemlint:receive
	Next(ctx context.Context) (Job, error)
}

// Gateway sends mails.
type Gateway interface {
	//idemlint:call value=2 dedup=1
	Mail(ctx context.Context, key, text string) error
}

// Serve mails each job.
func Serve(ctx context.Context, jobs Source, mails Gateway) error {
	for {
		job, err := jobs.Next(ctx)
		if err != nil {
			return err
		}
		key := fmt.Sprintf("%s/%d", job.Key(), job.Attempt())
		if err := mails.Mail(ctx, key, job.Text()); err != nil { // want `the idempotency key of what freshid.Gateway Mail makes changes with each attempt \(the message's Attempt\).*\(freshkey\)`
			return err
		}
		if err := job.Ack(ctx); err != nil {
			return err
		}
	}
}
