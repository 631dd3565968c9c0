// Package bus gives events to whoever wants them; how they come is its own affair.
package bus

import "context"

// Event is what came.
type Event struct {
	ID      string
	Payload []byte
}

// Consumer is given each event until it returns no error.
type Consumer interface {
	// Consume works on one event; without an error the event is gone.
	//
	//idemlint:handler
	Consume(ctx context.Context, e Event) error
}
