package deleteonerror

import (
	"slices"

	"golang.org/x/tools/go/analysis"

	"github.com/idemlint/idemlint/internal/fix"
	"github.com/idemlint/idemlint/models"
	"github.com/idemlint/idemlint/passes/window"
)

// expiring are the queues that show a message again which nobody settles, when its lease
// ends. Others hold it for as long as the consumer lives: there the failure must be told,
// which is not for a fix to decide.
var expiring = []string{"Azure Queue Storage", "Azure Service Bus", "Amazon SQS"}

// mend moves a deferred settle to where only success arrives, where it is the window's
// only one and a message that is left comes again.
func mend(w *window.Window, settle *window.Effect) []analysis.SuggestedFix {
	if settle.Model == nil || !slices.Contains(expiring, settle.Model.System) {
		return nil
	}
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
