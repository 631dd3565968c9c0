// Package okscratch unpacks an archive under a random name and removes it again: a name
// that changes with each attempt, on purpose.
package okscratch

import (
	"context"
	"crypto/rand"
)

// Archive is a received message.
type Archive struct{ Name string }

// Queue is the house's.
type Queue interface {
	//idemlint:receive
	Next(ctx context.Context) (Archive, error)
	//idemlint:settle
	Done(ctx context.Context, a Archive) error
}

// Disk is shared by all machines.
type Disk interface {
	//idemlint:write key=1 value=2
	Unpack(ctx context.Context, folder string, archive string) error
	//idemlint:call value=1
	Index(ctx context.Context, folder string) error
	//idemlint:remove
	Remove(ctx context.Context, folder string) error
}

// Index indexes one archive.
func Index(ctx context.Context, q Queue, d Disk) error {
	a, err := q.Next(ctx)
	if err != nil {
		return err
	}
	folder := rand.Text()
	if err := d.Unpack(ctx, folder, a.Name); err != nil {
		return err
	}
	defer d.Remove(ctx, folder)
	if err := d.Index(ctx, folder); err != nil {
		return err
	}
	return q.Done(ctx, a)
}
