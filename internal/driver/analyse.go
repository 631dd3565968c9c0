package driver

import (
	"errors"
	"fmt"
	"os"
	"strings"
	"sync/atomic"

	"golang.org/x/tools/go/analysis"
	"golang.org/x/tools/go/analysis/checker"
	"golang.org/x/tools/go/packages"

	"github.com/idemlint/idemlint/internal/directive"
	"github.com/idemlint/idemlint/internal/finding"
	"github.com/idemlint/idemlint/internal/report"
	"github.com/idemlint/idemlint/passes/window"
)

// analyse runs the analyzers over the packages chosen and collects what was asked for.
func analyse(cfg Config, g *graph, res *Result) {
	var roots []*packages.Package
	analysed := map[*packages.Package]bool{}
	for _, n := range g.nodes {
		if !n.source {
			continue
		}
		// Vertical edges lead only to packages that are analysed: dependencies
		// contribute no facts, and a package that does not compile none either, but
		// that must not stop those that import it.
		n.Imports = map[string]*packages.Package{}
		for _, i := range n.imports {
			if i.bodies && !i.IllTyped {
				n.Imports[i.ID] = i.Package
			}
		}
		// What is wrong is in firstly; the checker must not see the rest.
		n.Errors = nil
		if n.asked && n.bodies && !n.IllTyped {
			roots = append(roots, n.Package)
			analysed[n.Package] = true
		}
	}
	coverage := map[*packages.Package]finding.Coverage{}
	if len(roots) > 0 {
		run(cfg, roots, coverage, res)
	}
	for _, n := range g.asked {
		if !made(n) {
			res.Packages = append(res.Packages, Package{Path: n.PkgPath, Analysed: analysed[n.Package], Coverage: coverage[n.Package]})
		}
	}
}

// run is the checker's run, its results collected.
func run(cfg Config, roots []*packages.Package, coverage map[*packages.Package]finding.Coverage, res *Result) {
	all := append([]*analysis.Analyzer{directive.Analyzer, window.Analyzer}, cfg.Checks...)
	var passes atomic.Int32
	restore := guard(all, func(pass *analysis.Pass) {
		if pass.Analyzer == window.Analyzer {
			cfg.Progress(fmt.Sprintf("analysing, package %d", passes.Add(1)))
		}
	})
	defer restore()
	graph, err := checker.Analyze(all, roots, nil)
	if err != nil {
		res.Problems = append(res.Problems, Problem{Message: "internal error: " + err.Error()})
		return
	}
	problem := func(p finding.Related) {
		pos := res.Fset.Position(p.Pos)
		if report.Tests || !strings.HasSuffix(pos.Filename, "_test.go") {
			res.Problems = append(res.Problems, Problem{pos, p.Message})
		}
	}
	for act := range graph.All() {
		var panicked *panicError
		if errors.As(act.Err, &panicked) {
			res.Problems = append(res.Problems, Problem{Message: panicked.Error()})
		} else if act.IsRoot && act.Err != nil && !strings.HasPrefix(act.Err.Error(), "failed prerequisites") {
			res.Problems = append(res.Problems, Problem{Message: fmt.Sprintf("package %s: %s: %v", act.Package.PkgPath, act.Analyzer.Name, act.Err)})
		}
		if act.IsRoot && act.Analyzer == window.Analyzer && act.Err != nil && panicked == nil {
			res.Problems = append(res.Problems, Problem{Message: "package " + act.Package.PkgPath + " was not analysed, because the analysis of a package that it imports failed"})
		}
		if act.Err != nil || !act.IsRoot {
			continue
		}
		switch result := act.Result.(type) {
		case *directive.Set:
			for _, p := range result.Problems {
				problem(p)
			}
		case *window.Result:
			coverage[act.Package] = result.Coverage
			for _, p := range result.Coverage.Problems {
				problem(p)
			}
		case []finding.Finding:
			res.Findings = append(res.Findings, result...)
		}
	}
}

// panicError is an analyzer's panic, in one line.
type panicError struct {
	pkg, analyzer, value string
}

func (e *panicError) Error() string {
	return fmt.Sprintf("package %s: internal error in %s: %s (the package was not analysed by it: please report this)", e.pkg, e.analyzer, e.value)
}

// guard turns panics of the analyzers, and of those they require, into errors. The
// checker runs them in goroutines of its own, so that nobody else can recover; and as
// results are keyed by analyzer, their Run functions are replaced in place until
// restore is called. IDEMLINT_PANIC=1 lets panics through, for those who look for
// their cause.
func guard(analyzers []*analysis.Analyzer, before func(*analysis.Pass)) (restore func()) {
	raw := os.Getenv("IDEMLINT_PANIC") != ""
	original := map[*analysis.Analyzer]func(*analysis.Pass) (any, error){}
	var visit func(list []*analysis.Analyzer)
	visit = func(list []*analysis.Analyzer) {
		for _, a := range list {
			if original[a] != nil {
				continue
			}
			inner := a.Run
			original[a] = inner
			a.Run = func(pass *analysis.Pass) (result any, err error) {
				defer func() {
					if raw {
						return
					}
					if r := recover(); r != nil {
						line, _, _ := strings.Cut(fmt.Sprint(r), "\n")
						err = &panicError{pass.Pkg.Path(), a.Name, line}
					}
				}()
				before(pass)
				return inner(pass)
			}
			visit(a.Requires)
		}
	}
	visit(analyzers)
	return func() {
		for a, run := range original {
			a.Run = run
		}
	}
}
