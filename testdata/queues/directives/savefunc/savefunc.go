// Package savefunc is given its storage as functions; it settles first and saves then.
package savefunc

import "context"

// Next brings a note.
//
//idemlint:receive
type Next func(ctx context.Context) (Note, error)

// Forget removes it from the queue.
//
//idemlint:settle
type Forget func(ctx context.Context, n Note) error

// Save keeps a text under a name.
//
//idemlint:write key=1 value=2
type Save func(ctx context.Context, name, text string) error

// Note is a received message.
type Note struct{ Name, Text string }

// Scribe saves notes.
type Scribe struct {
	Next   Next
	Forget Forget
	Save   Save
}

// Write saves one note.
func (s Scribe) Write(ctx context.Context) error {
	n, err := s.Next(ctx)
	if err != nil {
		return err
	}
	if err := s.Forget(ctx, n); err != nil { // want `settled before the work is done: savefunc Save comes after the settle.*\(earlydelete\)`
		return err
	}
	return s.Save(ctx, n.Name, n.Text)
}
