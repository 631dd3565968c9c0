package window

import (
	"fmt"
	"strings"

	"github.com/idemlint/idemlint/internal/engine"
)

// The steps of the message loop, as findings tell them: GET (A), its answer (B),
// DELETE (C), its answer (D); either side can stop between any two.

// Received is the step in which worker n gets the message.
func (w *Window) Received(n int) string {
	step := fmt.Sprintf("GET %d answered (B): worker %d has the message", n, n)
	if _, said, ok := w.Lease(); ok {
		step += ", hidden for " + said
	}
	return step
}

// Deletes is the step in which a settle of worker n arrives; how says what is odd about it.
func (w *Window) Deletes(n int, settle *Effect, how string) string {
	if settle != nil && settle.Func == engine.Returned {
		return fmt.Sprintf("worker %d returns no error%s: DELETE %d is sent for it (C), the queue deletes the message", n, how, n)
	}
	return fmt.Sprintf("worker %d sends DELETE %d%s (C), the queue deletes the message", n, n, how)
}

// LostDelete is the step in which the settle never arrives.
func (w *Window) LostDelete(n int) string {
	return fmt.Sprintf("DELETE %d lost (C), or worker %d crashes before it", n, n)
}

// Expires is the step in which the message becomes visible again.
func (w *Window) Expires() string {
	if _, said, ok := w.Lease(); ok {
		return said + " pass: the lease ends, the queue shows the message again"
	}
	return "the lease ends, the queue shows the message again"
}

// Overlaps is the step in which a second worker gets it while the first works.
func (w *Window) Overlaps() string {
	return "the lease ends while worker 1 still works; GET 2 answered (B): worker 2 has the same message"
}

// Step formats a step.
func Step(format string, args ...any) string { return fmt.Sprintf(format, args...) }

// Name is the effect's call: "UploadBuffer".
func (x *Effect) Name() string {
	if x.Model == nil {
		return Name(x.Func)
	}
	return Name(x.Func)
}

// What is the effect's system and call: "Azure Blob Storage UploadBuffer".
func (x *Effect) What() string {
	if x.Model != nil && x.Model.System != "" {
		return x.Model.System + " " + x.Name()
	}
	return strings.TrimSpace(x.Name())
}
