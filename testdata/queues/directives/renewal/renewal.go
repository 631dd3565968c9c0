// Package renewal prolongs the lease beside the work, but goes on with the first
// ticket, which each renewal makes worthless.
package renewal

import (
	"context"
	"time"
)

// Film is a received message.
//
//idemlint:message receipt=Ticket
type Film struct {
	Name   string
	Ticket string
}

// Queue is the house's.
type Queue interface {
	//idemlint:receive lease=arg1
	Take(ctx context.Context, hide time.Duration) (Film, error)
	//idemlint:renew message=1 lease=2 new-receipt=ret0
	Extend(ctx context.Context, ticket string, by time.Duration) (string, error)
	//idemlint:settle message=1
	Drop(ctx context.Context, ticket string) error
}

// Encoder makes films smaller.
type Encoder interface {
	//idemlint:write key=1
	Encode(ctx context.Context, name string) error
}

// Work encodes one film.
func Work(ctx context.Context, q Queue, e Encoder) error {
	film, err := q.Take(ctx, time.Minute)
	if err != nil {
		return err
	}
	work, stop := context.WithCancel(ctx)
	defer stop()
	go func() {
		tick := time.NewTicker(30 * time.Second)
		defer tick.Stop()
		for {
			select {
			case <-work.Done():
				return
			case <-tick.C:
				_, _ = q.Extend(work, film.Ticket, time.Minute) // want `the renewal's new receipt is dropped.*\(visibility\)`
			}
		}
	}()
	if err := e.Encode(work, film.Name); err != nil {
		return err
	}
	return q.Drop(ctx, film.Ticket)
}
