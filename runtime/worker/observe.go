package worker

import (
	"context"
	"errors"
	"time"
)

// Step names what a sample is of.
type Step string

// The steps, with the numbers of the message loop.
const (
	StepReceive Step = "receive" // 1–5
	StepWork    Step = "work"    // 6: the handler
	StepRenew   Step = "renew"   // within 6
	StepDelete  Step = "delete"  // 7–11
	StepNack    Step = "nack"    // instead of 7–11: visible again after a back-off
	StepPoison  Step = "poison"  // the put into the poison queue, before 7
)

// Outcome is how a step ended.
type Outcome string

// The outcomes.
const (
	// OK: done. Of a receive: with messages.
	OK Outcome = "ok"
	// Empty: a receive without messages.
	Empty Outcome = "empty"
	// Timeout: no answer in time; the request may have been executed.
	Timeout Outcome = "timeout"
	// Failed: another error; of work, the handler's.
	Failed Outcome = "failed"
	// Panicked: the handler panicked.
	Panicked Outcome = "panic"
	// Lost: the queue refused the receipt, or the lease ran out. Of work: the handler was
	// cancelled for it, and returned an error.
	Lost Outcome = "lost"
	// Gone: a delete that found nothing: an earlier try did it, or the message expired,
	// or somebody else has it.
	Gone Outcome = "gone"
	// Stopped: a handler that was cancelled as the grace period of a stop was over.
	Stopped Outcome = "stopped"
)

// Sample is one step as it was. It is also a line of what a [Recorder] writes.
type Sample struct {
	// At is when the step began, by this process's clock.
	At time.Time `json:"at"`
	// Step is which.
	Step Step `json:"step"`
	// Took is how long it was, in nanoseconds in JSON.
	Took time.Duration `json:"ns"`
	// Outcome is how it ended.
	Outcome Outcome `json:"outcome"`
	// Message is the message's ID; "" for a receive.
	Message string `json:"message,omitempty"`
	// Deliveries is the message's dequeue count; 0 for a receive.
	Deliveries int64 `json:"deliveries,omitempty"`
	// Count is how many messages a receive brought.
	Count int `json:"count,omitempty"`
	// Try numbers the tries of a delete, from 1; 0 for the other steps.
	Try int `json:"try,omitempty"`
	// Waited is, of work, the time from the insertion of the message into the queue to the
	// beginning of the work, in nanoseconds in JSON: two machines' clocks, and one of
	// them cut to the second.
	Waited time.Duration `json:"waited_ns,omitempty"`
}

// Observer is told of each step after it ended, by the goroutine that did it: it should
// not wait. It must be safe for concurrent use.
type Observer interface{ Observe(s Sample) }

type nobody struct{}

func (nobody) Observe(Sample) {}

// outcomeOf is the outcome of a request.
func outcomeOf(err error) Outcome {
	switch {
	case err == nil:
		return OK
	case lost(err):
		return Lost
	case errors.Is(err, context.DeadlineExceeded):
		return Timeout
	}
	return Failed
}
