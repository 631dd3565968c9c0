// Package piped lets workers take messages out of a channel: that they are messages is
// said on their type. One worker takes the wrong way out.
package piped

import (
	"context"
	"sync"
)

// Upload is a received message.
//
//idemlint:message identity=Name
type Upload struct{ Name, Kind string }

// Uploads is the queue.
type Uploads interface {
	//idemlint:receive batch=16 lease=5m
	Take(ctx context.Context) ([]*Upload, error)
	//idemlint:settle message=1
	Drop(ctx context.Context, name string) error
}

// Files is a store.
type Files interface {
	//idemlint:write key=1 value=2
	Index(ctx context.Context, name, kind string) error
}

// Run lets four workers index what comes.
func Run(ctx context.Context, q Uploads, files Files) error {
	ch := make(chan *Upload)
	var workers sync.WaitGroup
	for range 4 {
		workers.Go(func() {
			for u := range ch {
				work(ctx, q, files, u)
			}
		})
	}
	defer workers.Wait()
	defer close(ch)
	for ctx.Err() == nil {
		list, err := q.Take(ctx)
		if err != nil {
			return err
		}
		for _, u := range list {
			ch <- u
		}
	}
	return nil
}

func work(ctx context.Context, q Uploads, files Files, u *Upload) {
	if err := files.Index(ctx, u.Name, u.Kind); err != nil {
		return
	}
	if u.Kind == "draft" {
		return // want `the work succeeded but the message stays unsettled on this way.*\(missingdelete\)`
	}
	if err := q.Drop(ctx, u.Name); err != nil {
		return
	}
}
