// Package okpiped puts lines that it made itself into a channel. They are of the type that
// the queue brings, but nothing was received: what takes them out of the channel may write
// them under a key that all share.
package okpiped

import "context"

// Line is a line; that a receive returns it makes it no message here.
type Line struct{ Text string }

// Lines is a queue that somebody else reads.
type Lines interface {
	//idemlint:receive
	Next(ctx context.Context) (Line, error)
}

// Screen shows one line.
type Screen interface {
	//idemlint:write key=1 value=2
	Show(ctx context.Context, screen, text string) error
}

// Announce shows lines one after another.
func Announce(ctx context.Context, s Screen, texts []string) error {
	ch := make(chan Line, len(texts))
	for _, text := range texts {
		ch <- Line{text}
	}
	close(ch)
	for l := range ch {
		if err := s.Show(ctx, "main", l.Text); err != nil {
			return err
		}
	}
	return nil
}
