// Package popped takes messages that are gone as soon as they are taken.
package popped

import "context"

// List is a list on a server.
type List interface {
	// Pop takes the first element off the list.
	//
	//idemlint:receive pops
	Pop(ctx context.Context, list string) (string, error)
}

// Mailer sends mails.
type Mailer interface {
	//idemlint:send
	Send(ctx context.Context, mail string) error
}

// Send sends what is in the list.
func Send(ctx context.Context, l List, m Mailer) error {
	for {
		mail, err := l.Pop(ctx, "mails") // want `the message is settled as it is received, before popped.Mailer Send.*\(earlydelete\)`
		if err != nil {
			return err
		}
		if err := m.Send(ctx, mail); err != nil {
			return err
		}
	}
}
