// Package visibility reports work that can outlast the lease of its message.
package visibility

import (
	"time"

	"github.com/idemlint/idemlint/internal/engine"
	"github.com/idemlint/idemlint/internal/finding"
	"github.com/idemlint/idemlint/internal/summary"
	"github.com/idemlint/idemlint/internal/value"
	"github.com/idemlint/idemlint/models"
	"github.com/idemlint/idemlint/passes/window"
)

// Analyzer is the check.
var Analyzer = window.Check(Doc, judge)

func judge(w *window.Window) []finding.Finding {
	if w.AutoSettles() || w.Shadowed || w.Foreign && w.TimeKnownThere() {
		return nil
	}
	if f, renewed := renewals(w); renewed {
		return f
	}
	lease, _, known := w.Lease()
	if f, ok := parked(w, lease, known); ok {
		return []finding.Finding{f}
	}
	if !known {
		// The lock's length is set at the service, but there is a longest one, and no lock
		// outlasts what nothing bounds.
		if w.Leased() && w.Opens() {
			if f := endless(w); f != nil {
				return f
			}
		}
		if most, total := w.MaxLease(), time.Duration(w.Total()); most > 0 && total > most {
			if f, ok := outlasts(w, total, most); ok {
				return []finding.Finding{f}
			}
		}
		return nil
	}
	lease, known = extended(w, lease)
	if !known {
		return nil
	}
	if total := time.Duration(w.Total()); total > lease {
		if f, ok := outlasts(w, total, lease); ok {
			return []finding.Finding{f}
		}
	}
	if f, ok := bulk(w, lease); ok {
		return []finding.Finding{f}
	}
	return unbounded(w)
}

// outlasts reports the longest wait of a window whose known time is too long.
func outlasts(w *window.Window, total, lease time.Duration) (finding.Finding, bool) {
	var longest *window.Effect
	var most float64
	for _, x := range w.All() {
		if d := w.Time(x.Slots[summary.Duration]).Total(); d > most {
			longest, most = x, d
		}
	}
	pos := w.At(w.Receive.Place())
	var related []finding.Related
	if longest != nil {
		pos = w.Place(longest)
		related = w.Related(longest, "the longest wait: "+longest.What())
	}
	if !pos.IsValid() {
		return finding.Finding{}, false
	}
	message := "the work can outlast the lease: known waits add up to " + total.Round(time.Millisecond).String() + ", the message is hidden for " + lease.String()
	if n := int(w.Batch()); n > 1 {
		message += window.Step(" (up to %d messages are received at once)", n)
	}
	return finding.Finding{
		Check: Doc.Name, Pos: pos, Message: message, Related: append(w.Opening(), related...), Schedule: overlap(w, total.Round(time.Millisecond).String()),
	}, true
}

func overlap(w *window.Window, works string) []string {
	return []string{
		w.Received(1),
		"worker 1 works for " + works,
		w.Expires(),
		"GET 2 answered (B): worker 2 gets the same message while worker 1 still works",
		"both do the work; worker 1's DELETE fails, its receipt is stale",
	}
}

// unbounded reports the first wait that nothing bounds.
func unbounded(w *window.Window) []finding.Finding {
	return boundless(w, func(*window.Effect) bool { return true })
}

// endless is unbounded for a lease that is not known: only what leaves the process counts.
func endless(w *window.Window) []finding.Finding {
	return boundless(w, func(x *window.Effect) bool { return x.Role == models.External })
}

func boundless(w *window.Window, counts func(*window.Effect) bool) []finding.Finding {
	for _, x := range w.Held() {
		if !counts(x) {
			continue
		}
		if d := x.Slots[summary.Duration]; d == nil || !w.Time(d).Unbounded || x.Task != 0 && !w.InTask(x) {
			continue
		}
		return []finding.Finding{{
			Check: Doc.Name, Pos: w.Place(x),
			Message:  "wait without a bound: " + x.What() + " has neither timeout nor deadline while the lease of the message runs",
			Related:  append(w.Opening(), w.Related(x, "waits here: "+x.What())...),
			Schedule: overlap(w, "as long as the other side keeps it waiting"),
		}}
	}
	return nil
}

// bulk reports a batch whose messages each move a body of unknown size, one after
// another on one lease: the SDK's own retries alone may take longer.
func bulk(w *window.Window, lease time.Duration) (finding.Finding, bool) {
	n, said := w.Batch(), ""
	switch {
	case n > 1:
		said = window.Step("up to %d messages", int(n))
	case w.SeveralAtOnce():
		// How many is configuration; that somebody configures it says that it is
		// more than one. Eight are few.
		n, said = 8, "several messages"
	default:
		return finding.Finding{}, false
	}
	var calls float64
	var first *window.Effect
	for _, x := range w.All() {
		if !x.InBatch || x.Task != 0 {
			continue
		}
		// Transfers of a body of unknown size; in a large batch also external calls
		// without a bound.
		if x.Model != nil && x.Model.Bulk && !w.Small(x) || n >= 10 && w.Endless(x) {
			calls++
			if first == nil {
				first = x
			}
		}
	}
	if first == nil {
		return finding.Finding{}, false
	}
	total := time.Duration(n * calls * w.Backoff())
	if n < 8 || total <= lease {
		return finding.Finding{}, false
	}
	return finding.Finding{
		Check: Doc.Name, Pos: w.Place(first),
		Message: window.Step("the work can outlast the lease: %s are handled one after another on one lease of %s, each with %d calls of unknown length; where the other side throttles, retries with the SDK's defaults alone wait %s for %d messages",
			said, lease, int(calls), total.Round(time.Second), int(n)),
		Related:  append(w.Opening(), w.Related(first, "a call of unknown length: "+first.What())...),
		Schedule: overlap(w, "longer than the lease on the first messages of the batch"),
	}, true
}

// extended is the lease after renewals that are made once, before the work.
func extended(w *window.Window, lease time.Duration) (time.Duration, bool) {
	for _, x := range w.Effects {
		if x.Role != models.Renew || !x.Held {
			continue
		}
		v := x.Slots[summary.Lease]
		if v == nil {
			return 0, false
		}
		r := value.Number(v)
		if !r.Known {
			return 0, false
		}
		if r.Max <= 0 {
			continue // given back, not prolonged
		}
		lease = max(lease, time.Duration(r.Max))
	}
	return lease, true
}

// renewals judges a renewal loop beside the work. renewed: there is one.
func renewals(w *window.Window) (list []finding.Finding, renewed bool) {
	for _, x := range w.Effects {
		if x.Role != models.Renew || x.Task == 0 {
			continue
		}
		renewed = true
		e := w.Find(x.Inst)
		lease, _, known := w.Lease()
		if r := value.Number(x.Slots[summary.Lease]); r.Known && r.Max > 0 {
			// What the renewal asks for is the lease from then on.
			if own := time.Duration(r.Max); !known || own < lease {
				lease, known = own, true
			}
		}
		if interval := w.Interval(x.Task); known && interval > 0 && interval >= lease {
			return append(list, renewal(w, e, window.Step("the renewal starts too late: it comes every %s, the lease is %s", interval, lease))), true
		}
		if x.Looping && e.Model != nil && e.Model.NewReceipt != "" && x.Dropped {
			return append(list, renewal(w, e, "the renewal's new receipt is dropped: the next renewal with the old one fails, so the lease is prolonged only once")), true
		}
	}
	return nil, renewed
}

func renewal(w *window.Window, x *window.Effect, message string) finding.Finding {
	return finding.Finding{
		Check: Doc.Name, Pos: w.Place(x), Message: message, Related: append(w.Opening(), w.Related(x, "renewed here: "+x.What())...),
		Schedule: []string{
			w.Received(1),
			"worker 1 works; the lease ends before a renewal holds it",
			"GET 2 answered (B): worker 2 gets the same message while worker 1 still works",
		},
	}
}

// parked reports messages that wait in a channel while their lease runs.
func parked(w *window.Window, lease time.Duration, known bool) (finding.Finding, bool) {
	for _, x := range w.Effects {
		if x.Role != engine.Park || !x.Held || w.Foreign && w.KnownThere(&x) {
			continue
		}
		room, ok := w.Room(&x)
		if !ok {
			continue
		}
		e := w.Find(x.Inst)
		hidden := "its lock runs"
		if !known && !w.Leased() {
			continue
		}
		if known {
			hidden = "its lease of " + lease.String() + " runs"
		}
		return finding.Finding{
			Check: Doc.Name, Pos: w.Place(e),
			Message: window.Step("the message is parked in a channel that holds %d while %s, and nothing renews it", int(room), hidden),
			Related: w.Opening(),
			Schedule: []string{
				w.Received(1),
				window.Step("the message waits behind up to %d others in the channel", int(room)),
				w.Expires(),
				"GET 2 answered (B): another instance works on it; then a worker here takes the stale copy and works on it too",
			},
		}, true
	}
	return finding.Finding{}, false
}
