// Package tally appends each vote to a journal; the journal takes whatever it is given.
package tally

import (
	"context"
	"net"
)

// Vote is one vote.
type Vote struct {
	Poll, Choice string
	ID           string
}

// Votes is the queue.
type Votes interface {
	// Fetch takes some votes.
	//
	//idemlint:receive message=ret0.Votes[]
	Fetch(ctx context.Context) (*Batch, error)
	//idemlint:settle
	Remove(ctx context.Context, v *Vote) error
}

// Batch is an answer of the queue.
type Batch struct {
	Votes []*Vote
	More  bool
}

// Journal is a file on another machine.
type Journal struct{ conn net.Conn }

//idemlint:append key=0 value=1
func (j *Journal) Append(poll, line string) error {
	_, err := j.conn.Write([]byte(poll + "\t" + line + "\n"))
	return err
}

// Count journals votes.
func Count(ctx context.Context, votes Votes, j *Journal) error {
	for {
		batch, err := votes.Fetch(ctx)
		if err != nil {
			return err
		}
		for _, v := range batch.Votes {
			if err := j.Append(v.Poll, v.Choice); err != nil { // want `tally.Journal Append applies a change to what is there.*\(increment\)`
				return err
			}
			if err := votes.Remove(ctx, v); err != nil {
				return err
			}
		}
		if !batch.More {
			return nil
		}
	}
}
