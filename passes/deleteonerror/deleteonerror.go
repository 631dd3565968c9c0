// Package deleteonerror reports settles on ways where the work failed.
package deleteonerror

import (
	"reflect"

	"golang.org/x/tools/go/analysis"

	"github.com/idemlint/idemlint/internal/directive"
	"github.com/idemlint/idemlint/internal/finding"
	"github.com/idemlint/idemlint/internal/report"
	"github.com/idemlint/idemlint/models"
	"github.com/idemlint/idemlint/passes/window"
)

// Analyzer is the check.
var Analyzer = &analysis.Analyzer{
	Name: Doc.Name, Doc: Doc.Analyzer(), URL: Doc.URL(), Run: run,
	Requires:   []*analysis.Analyzer{window.Analyzer, directive.Analyzer},
	ResultType: reflect.TypeFor[[]finding.Finding](),
}

func run(pass *analysis.Pass) (any, error) {
	r := pass.ResultOf[window.Analyzer].(*window.Result)
	var list []finding.Finding
	for _, w := range r.Windows {
		for _, x := range w.Held() {
			if x.Role == models.Settle && x.FailedAt.Valid() && !x.AheadAt.Valid() {
				list = append(list, describe(w, x))
			}
		}
	}
	return report.Report(pass, r.Directives, list), nil
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
		Check: Doc.Name, Pos: w.Place(settle), Related: related,
		Message: "settled although the work failed: when " + what + " fails, the message is deleted all the same and nobody does the work",
		Schedule: []string{
			w.Received(1),
			window.Step("worker 1 tries to work (%s): it fails", name),
			"worker 1 sends DELETE 1 all the same (C), the queue deletes the message",
			"nobody gets the message again: the work is lost",
		},
	}
}
