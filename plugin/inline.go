package plugin

import (
	"fmt"
	"go/token"
	"path/filepath"
	"strings"

	"golang.org/x/tools/go/analysis"

	"github.com/idemlint/idemlint/internal/finding"
	"github.com/idemlint/idemlint/internal/report"
)

// inline is the check with all that it has to say in the message. golangci-lint makes
// an issue of its own of every related place, and a nolint comment at the finding does
// not silence those.
func inline(a *analysis.Analyzer) *analysis.Analyzer {
	b := *a
	b.Run = func(pass *analysis.Pass) (any, error) {
		p := *pass
		p.Report = func(analysis.Diagnostic) {}
		result, err := a.Run(&p)
		if err != nil {
			return result, err
		}
		for _, f := range result.([]finding.Finding) {
			pass.Report(diagnostic(pass.Fset, f, a.URL))
		}
		return result, nil
	}
	return &b
}

func diagnostic(fset *token.FileSet, f finding.Finding, url string) analysis.Diagnostic {
	fixes := onlyFix(fset, f)
	if at := places(fset, f); at != "" {
		f.Message += "; where: " + at
	}
	d := report.Diagnostic(f, url)
	d.Related, d.SuggestedFixes = nil, fixes
	return d
}

// places lists the places that take part. Their names hold wherever the module lies:
// the text is kept in golangci-lint's cache.
func places(fset *token.FileSet, f finding.Finding) string {
	here := fset.Position(f.Pos)
	var list []string
	for _, r := range f.Related {
		at := fset.Position(r.Pos)
		switch name := filepath.Base(at.Filename); {
		case !at.IsValid():
			list = append(list, r.Message)
		case filepath.Dir(at.Filename) == filepath.Dir(here.Filename):
			list = append(list, fmt.Sprintf("%s:%d %s", name, at.Line, r.Message))
		default:
			list = append(list, fmt.Sprintf("%s/%s:%d %s", filepath.Base(filepath.Dir(at.Filename)), name, at.Line, r.Message))
		}
	}
	return strings.Join(list, " · ")
}

// onlyFix is the first fix, if it is whole within the finding's file: of several
// golangci-lint applies all, and of one it drops the edits of other files.
func onlyFix(fset *token.FileSet, f finding.Finding) []analysis.SuggestedFix {
	if len(f.Fixes) == 0 {
		return nil
	}
	file := fset.File(f.Pos)
	for _, e := range f.Fixes[0].TextEdits {
		if fset.File(e.Pos) != file || e.End.IsValid() && fset.File(e.End) != file {
			return nil
		}
	}
	return f.Fixes[:1]
}
