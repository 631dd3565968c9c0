// Package missingdelete reports ways on which the work succeeded and the message
// stays in the queue.
package missingdelete

import (
	"github.com/idemlint/idemlint/internal/finding"
	"github.com/idemlint/idemlint/internal/summary"
	"github.com/idemlint/idemlint/models"
	"github.com/idemlint/idemlint/passes/window"
)

// Analyzer is the check.
var Analyzer = window.Check(Doc, judge)

func judge(w *window.Window) []finding.Finding {
	if w.AutoSettles() {
		return nil
	}
	var list []finding.Finding
	if !w.Foreign {
		list = unsettled(w)
	}
	return append(list, dropped(w)...)
}

// unsettled reports the ways that leave a message although nothing failed. It asks
// for a settle somewhere in the window: where there is none, somebody else may settle.
func unsettled(w *window.Window) []finding.Finding {
	if !w.Settles {
		return nil
	}
	var list []finding.Finding
	seen := map[summary.Pos]bool{}
	for _, l := range w.Leaves {
		pos := w.At(l.Pos)
		if !pos.IsValid() || seen[l.Pos] {
			continue
		}
		seen[l.Pos] = true
		message := "the work succeeded but the message stays unsettled on this way: it comes back when the lease ends, for ever"
		if l.Already {
			message = "the work is already done but the message stays unsettled on this way: it comes back when the lease ends, for ever"
		}
		list = append(list, finding.Finding{
			Check: Doc.Name, Pos: pos, Message: message,
			Related: append(w.Opening(), w.Settling()...),
			Schedule: []string{
				w.Received(1),
				"worker 1 does the work and leaves on this way: no DELETE is sent (C)",
				w.Expires(),
				"the message is received and worked on again, and again",
			},
		})
	}
	return list
}

// dropped reports settles whose error is not looked at, in windows that must not be
// repeated.
func dropped(w *window.Window) []finding.Finding {
	var list []finding.Finding
	for _, x := range w.Held() {
		if x.Role != models.Settle || !x.Dropped || x.Model != nil && x.Model.Unconfirmed {
			continue
		}
		again := unrepeatable(w, x)
		if again == nil {
			continue
		}
		related := append(w.Opening(), w.Related(again, "not repeatable: "+again.What())...)
		list = append(list, finding.Finding{
			Check: Doc.Name, Pos: w.Place(x), Related: related,
			Message: "the error of the settle is dropped, and " + again.What() + " in its window must not be repeated: nobody learns that it will be",
			Schedule: []string{
				w.Received(1),
				window.Step("worker 1 works (%s)", again.Name()),
				"DELETE 1 fails (C or D); its error is thrown away",
				w.Expires(),
				window.Step("the message is received again and %s is repeated", again.Name()),
			},
		})
	}
	return list
}

// unrepeatable finds an effect before the settle that does harm when repeated.
func unrepeatable(w *window.Window, settle *window.Effect) *window.Effect {
	for _, x := range w.All() {
		if x.Order >= settle.Order {
			continue
		}
		if x.Inserts() {
			return x
		}
		if x.Model == nil {
			continue
		}
		switch x.Role {
		case models.Send:
			if d := x.Slots[summary.Dedup]; d == nil || !deduplicated(w, x) {
				return x
			}
		case models.External:
			if x.Posts() {
				return x
			}
		case models.Append:
			if !x.Guarded() {
				return x
			}
		case models.Write:
			if how, field := w.Relative(x); how != "" && !w.Marked(x, field) {
				return x
			}
		}
	}
	return nil
}

// deduplicated reports whether a send carries an identity made of the message.
func deduplicated(w *window.Window, x *window.Effect) bool {
	for _, d := range x.Slots[summary.Dedup].Args {
		if s := w.Sources(d); len(s[window.FromMessage]) > 0 && len(s[window.FromFresh]) == 0 {
			return true
		}
	}
	return false
}
