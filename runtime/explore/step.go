package explore

import "time"

// step is one thing that happened in a schedule: an operation of an instance, or an event
// (its text says which).
type step struct {
	at       time.Duration // since the start
	instance int           // 0 for what concerns none
	event    string        // of an event

	// Of an operation:
	index    int
	role     role
	method   string
	what     string
	query    string
	ifMatch  string
	body     []byte
	status   int
	unheard  bool          // the answer of the world outside has not come, or nobody has waited for it
	took     time.Duration // to the answer of the world outside
	answer   []byte
	fault    Kind
	messages []delivered // of receive (those it got), settle and renew

	// What tells which faults make sense here (see faultsAt).
	gap      time.Duration // since the instance's previous operation
	holding  bool          // the instance had messages on lease
	switches bool          // another instance would have something to do
	thawed   bool          // the instance was held, or told to stop, before it
}

// delivered is one delivery of a message.
type delivered struct {
	message int // its number: of the world's messages from 1, then of those put later
	count   int
	until   time.Duration // end of the lease, since the start
}

// lease is a message that an instance has received and not settled.
type lease struct {
	number int
	until  time.Time
}
