// Package increment reports updates relative to the old value that no mark of the
// message guards.
package increment

import (
	"github.com/idemlint/idemlint/internal/finding"
	"github.com/idemlint/idemlint/internal/summary"
	"github.com/idemlint/idemlint/models"
	"github.com/idemlint/idemlint/passes/window"
)

// Analyzer is the check.
var Analyzer = window.Check(Doc, window.Each(judge))

func judge(w *window.Window, x *window.Effect) (finding.Finding, bool) {
	if w.AutoSettles() {
		return finding.Finding{}, false // nothing comes twice
	}
	how, field := w.Relative(x)
	if how == "" || w.Marked(x, field) || w.PositionFixed(x) || window.Passing(x.Slots[summary.Key]) {
		return finding.Finding{}, false
	}
	// Without a condition it is a lost update first: etag's.
	if x.Role == models.Write && !x.Model.Relative && x.Unconditional() {
		return finding.Finding{}, false
	}
	related := append(w.Opening(), w.Related(x, "changed here: "+x.What())...)
	return finding.Finding{
		Check: Doc.Name, Pos: w.Place(x), Related: append(related, w.Settling()...),
		Message: x.What() + " " + how + ", and nothing tells that this message was applied before: a message that is delivered twice counts twice" + condition(x),
		Schedule: []string{
			w.Received(1),
			window.Step("worker 1 changes 5 to 6 (%s)", x.Name()),
			w.LostDelete(1),
			w.Expires(),
			window.Step("worker 2 gets the message, finds 6 and its version, and changes it to 7 (%s)", x.Name()),
		},
	}, true
}

// condition says why the condition that is there does not help.
func condition(x *window.Effect) string {
	if x.Precondition() == window.Version {
		return " (the precondition stops two workers at once, not one after the other)"
	}
	return ""
}
