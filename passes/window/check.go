package window

import (
	"reflect"

	"golang.org/x/tools/go/analysis"

	"github.com/idemlint/idemlint/internal/directive"
	"github.com/idemlint/idemlint/internal/doc"
	"github.com/idemlint/idemlint/internal/finding"
	"github.com/idemlint/idemlint/internal/report"
)

// Check makes the analyzer of a check: it asks every window of a package and reports
// what judge finds there. Its result are the findings.
func Check(d doc.Check, judge func(*Window) []finding.Finding) *analysis.Analyzer {
	return &analysis.Analyzer{
		Name: d.Name, Doc: d.Analyzer(), URL: d.URL(),
		Requires:   []*analysis.Analyzer{Analyzer, directive.Analyzer},
		ResultType: reflect.TypeFor[[]finding.Finding](),
		Run: func(pass *analysis.Pass) (any, error) {
			r := pass.ResultOf[Analyzer].(*Result)
			var list []finding.Finding
			for _, w := range r.Windows {
				list = append(list, judge(w)...)
			}
			return report.Report(pass, r.Directives, list), nil
		},
	}
}

// Each judges the effects of a window one by one.
func Each(judge func(*Window, *Effect) (finding.Finding, bool)) func(*Window) []finding.Finding {
	return func(w *Window) []finding.Finding {
		var list []finding.Finding
		for _, x := range w.Held() {
			if f, ok := judge(w, x); ok {
				list = append(list, f)
			}
		}
		return list
	}
}
