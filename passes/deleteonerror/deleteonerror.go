// Package deleteonerror reports settles on ways where the work failed.
package deleteonerror

import (
	"github.com/idemlint/idemlint/internal/finding"
	"github.com/idemlint/idemlint/models"
	"github.com/idemlint/idemlint/passes/window"
)

// Analyzer is the check.
var Analyzer = window.Check(Doc, window.Each(judge))

func judge(w *window.Window, x *window.Effect) (finding.Finding, bool) {
	if x.Role != models.Settle || !x.FailedAt.Valid() || x.AheadAt.Valid() {
		return finding.Finding{}, false
	}
	return describe(w, x), true
}

func describe(w *window.Window, settle *window.Effect) finding.Finding {
	what, name := "a call of the work", "its work"
	related := w.Opening()
	if failed := w.Find(settle.Failed); failed != nil && failed.Model != nil {
		what, name = failed.What(), failed.Name()
		related = append(related, w.Related(failed, "this can fail: "+what)...)
	}
	if pos := w.At(settle.FailedAt); pos.IsValid() {
		related = append(related, finding.Related{Pos: pos, Message: "when this fails, a way leads to the settle all the same"})
	}
	return finding.Finding{
		Check: Doc.Name, Pos: w.Place(settle), Related: related, Fixes: mend(w, settle),
		Message: "settled although the work failed: when " + what + " fails, the message is deleted all the same and nobody does the work",
		Schedule: []string{
			w.Received(1),
			window.Step("worker 1 tries to work (%s): it fails", name),
			w.Deletes(1, settle, " all the same"),
			"nobody gets the message again: the work is lost",
		},
	}
}
