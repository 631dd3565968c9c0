package analyzer

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"golang.org/x/tools/go/analysis"

	"github.com/idemlint/idemlint/internal/directive"
)

// Directives reports comments that speak to idemlint and say nothing that it
// understands. Every driver runs it beside the checks.
func Directives() *analysis.Analyzer { return directive.Analyzer }

// Choose resolves a selection of checks, from left to right: "c" puts c in, "-c" takes
// it out, "all" stands for every check. A selection that begins by taking out begins
// with all. An error is one clear line.
func Choose(all []*analysis.Analyzer, selection ...string) ([]*analysis.Analyzer, error) {
	on := map[string]bool{}
	set := func(v bool) {
		for _, a := range all {
			on[a.Name] = v
		}
	}
	for i, name := range selection {
		bare, off := strings.CutPrefix(strings.TrimSpace(name), "-")
		if i == 0 && off {
			set(true)
		}
		switch {
		case bare == "all":
			set(!off)
		case slices.ContainsFunc(all, func(a *analysis.Analyzer) bool { return a.Name == bare }):
			on[bare] = !off
		default:
			var names []string
			for _, a := range all {
				names = append(names, a.Name)
			}
			return nil, fmt.Errorf("no such check %q; the checks are %s, all", bare, strings.Join(names, ", "))
		}
	}
	var chosen []*analysis.Analyzer
	for _, a := range all {
		if on[a.Name] {
			chosen = append(chosen, a)
		}
	}
	if len(chosen) == 0 {
		return nil, errors.New("chooses no check; nothing to do")
	}
	return chosen, nil
}
