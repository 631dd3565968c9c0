package deleteonerror

import (
	"golang.org/x/tools/go/analysis"

	"github.com/idemlint/idemlint/internal/fix"
	"github.com/idemlint/idemlint/models"
	"github.com/idemlint/idemlint/passes/window"
)

// mend moves a deferred settle to where only success arrives, where it is the window's
// only one.
func mend(w *window.Window, settle *window.Effect) []analysis.SuggestedFix {
	for _, x := range w.Effects {
		switch x.Role {
		case models.Settle, models.Nack, models.DeadLetter:
			if x.Inst != settle.Inst {
				return nil
			}
		}
	}
	site := w.Site(settle)
	if site == nil {
		return nil
	}
	edits, ok := site.ToSuccess()
	if !ok {
		return nil
	}
	return []analysis.SuggestedFix{fix.Suggest("settle after the work, where only success arrives", edits)}
}
