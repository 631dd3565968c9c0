// Package consumer works on jobs: it logs what went wrong around another worker, and
// must pass the failure on.
package consumer

import (
	"context"
	"log"

	"github.com/idemlint/idemlint/testdata/queues/directives/pump/mq"
)

// Logged logs what another worker fails at.
type Logged struct{ Next mq.Worker }

// Work implements mq.Worker.
func (l Logged) Work(ctx context.Context, j *mq.Job) error {
	if err := l.Next.Work(ctx, j); err != nil {
		log.Printf("job %s: %v", j.ID, err)
	}
	return nil // want `settled although the work failed: when mq.Worker Work fails.*\(deleteonerror\)`
}

// Resize is a worker that makes pictures smaller.
type Resize struct{ Pictures Pictures }

// Pictures is a store.
type Pictures interface {
	//idemlint:read key=1
	Picture(ctx context.Context, name string) ([]byte, error)
	//idemlint:write key=1 value=2
	PutThumbnail(ctx context.Context, name string, picture []byte) error
}

// Work implements mq.Worker.
func (r Resize) Work(ctx context.Context, j *mq.Job) error {
	name := string(j.Data)
	picture, err := r.Pictures.Picture(ctx, "full/"+name)
	if err != nil {
		return err
	}
	return r.Pictures.PutThumbnail(ctx, "small/"+name, picture[:len(picture)/2])
}

// New wires them.
func New(p Pictures) mq.Worker { return Logged{Resize{p}} }
