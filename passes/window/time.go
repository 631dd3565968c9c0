package window

import (
	"strings"
	"time"

	"github.com/idemlint/idemlint/internal/engine"
	"github.com/idemlint/idemlint/internal/summary"
	"github.com/idemlint/idemlint/internal/value"
	"github.com/idemlint/idemlint/models"
)

// Total is the longest known time that a message is held, in nanoseconds. Where each
// message of a batch has its lease renewed at its turn, the others do not count.
func (w *Window) Total() float64 {
	batch := w.Batch()
	for _, x := range w.Effects {
		if x.Role == models.Renew && x.Held && x.InBatch && x.Task == 0 {
			batch = 1
		}
	}
	return w.result.engine.Time(w.Serial, batch).Total()
}

// InTask reports whether the effect happens in a goroutine that the message was
// handed to: it settles there.
func (w *Window) InTask(x *Effect) bool {
	for _, y := range w.Effects {
		if y.Role == models.Settle && y.Task == x.Task {
			return true
		}
	}
	return false
}

// Interval is the time between two turns of a goroutine's loop: its ticker's or
// its sleeps', 0 where it is not known.
func (w *Window) Interval(task uint64) time.Duration {
	var sum float64
	for _, x := range w.Effects {
		if x.Task == task && x.Role == models.Wait {
			if r := value.Number(x.Slots[summary.Duration]); r.Partly {
				sum = max(sum, r.Max)
			}
		}
	}
	return time.Duration(sum)
}

// Small reports whether a transfer's body is known not to be large: it is made of
// the message (64 KiB at most in Azure Queue Storage) and of constants, or it is a
// document that is encoded or decoded here.
func (w *Window) Small(x *Effect) bool {
	if content := x.Slots[summary.Content]; content != nil {
		if encodes(content) {
			return true
		}
		s := w.Sources(content)
		return len(s[FromStore]) == 0 && len(s[FromUnknown]) == 0
	}
	document := false
	for i := range w.Effects {
		for _, v := range w.Effects[i].Slots {
			value.Walk(v, func(v *value.Value) bool {
				if v.Kind == value.Apply && decodes(v.Text) {
					document = document || value.DependsOn(v, func(s *value.Value) bool { return s.Kind == value.Read && s.Inst == x.Inst })
				}
				return !document
			})
		}
	}
	return document
}

// Endless reports whether the effect is an external call that nothing bounds.
func (w *Window) Endless(x *Effect) bool {
	return x.Role == models.External && w.Time(x.Slots[summary.Duration]).Unbounded
}

func encodes(v *value.Value) bool {
	switch v.Kind {
	case value.Union:
		for _, a := range v.Args {
			if a.Kind != value.Nil && !encodes(a) {
				return false
			}
		}
		return true
	case value.Boxed:
		return encodes(v.Args[0])
	case value.Apply:
		return strings.Contains(v.Text, "Marshal") || strings.Contains(v.Text, "Encode") || len(v.Args) > 0 && encodes(v.Args[0])
	}
	return false
}

func decodes(fn string) bool {
	return strings.Contains(fn, "Unmarshal") || strings.Contains(fn, "Decode")
}

// Backoff is what the default retries of one call may wait, in nanoseconds
// (azcore's policy.RetryOptions).
func (w *Window) Backoff() float64 {
	for _, p := range w.result.index.Retries() {
		if p.DefaultTryTimeout == 0 && p.DefaultMaxRetries > 0 {
			return engine.Backoff(p)
		}
	}
	return 0
}

// Room is how many messages may wait in the channel that a message is put into,
// where more may wait than workers take from it. ok is false where it is unbuffered
// or its size is not known.
func (w *Window) Room(x *summary.Effect) (float64, bool) {
	ch := x.Slots[summary.Key]
	if ch == nil || ch.Kind != value.Chan || len(ch.Args) == 0 {
		return 0, false
	}
	r := value.Number(ch.Args[0])
	if !r.Known || r.Max < 16 {
		return 0, false
	}
	return r.Max, true
}
