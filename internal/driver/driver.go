// Package driver is the standalone driver: it loads the packages asked for, type-checks
// those of the main module (or workspace) from source and takes everything else from
// export data, so that facts flow inside the module and nothing is type-checked twice.
//
// It asks the go command once. Where no package of the whole import graph opens the
// gate, that answer is all it needs: nothing is parsed or type-checked. Otherwise the
// packages of the module that reach an opening package, and those that they import,
// are analysed by x/tools' checker; what is not asked for by the patterns gives facts
// and is not reported.
//
// golang.org/x/tools/go/packages is not used for the type-checking, because it decides
// what to check from source before the gate can be asked and would check the whole
// module in every run.
package driver

import (
	"cmp"
	"fmt"
	"go/token"
	"slices"

	"golang.org/x/tools/go/analysis"

	"github.com/idemlint/idemlint/internal/finding"
	"github.com/idemlint/idemlint/internal/report"
)

// Config says what to analyse.
type Config struct {
	// Dir is where the go command runs; the current directory where empty.
	Dir string
	// Patterns are the packages asked for, as the go command understands them.
	Patterns []string
	// Tags are build tags, as for go build -tags.
	Tags string
	// Tests loads test files too.
	Tests bool
	// Checks are the analyzers whose results are []finding.Finding.
	Checks []*analysis.Analyzer
	// Opens reports whether importing a package opens the gate.
	Opens func(importPath string) bool
	// Progress is told what is going on; it may be nil and may be called concurrently.
	Progress func(stage string)
}

// Result is what came of it.
type Result struct {
	Fset *token.FileSet
	// Findings are sorted by file, line, column, check and message.
	Findings []finding.Finding
	// Packages tells about each package that was asked for, sorted by path.
	Packages []Package
	// Problems tell why something could not be analysed: exit 2.
	Problems []Problem
}

// Package is one package asked for and what was understood of it.
type Package struct {
	Path string
	// Analysed is false where the package reaches no modelled call, or does not compile.
	Analysed bool
	finding.Coverage
}

// Problem is one clear line: what, where, and what to do.
type Problem struct {
	Pos     token.Position // may be without a file
	Message string
}

func (p Problem) String() string {
	if p.Pos.Filename == "" {
		return p.Message
	}
	return fmt.Sprintf("%s: %s", p.Pos, p.Message)
}

// Run loads and analyses.
func Run(cfg Config) *Result {
	if cfg.Progress == nil {
		cfg.Progress = func(string) {}
	}
	res := &Result{Fset: token.NewFileSet()}
	cfg.Progress("listing packages")
	g, problems := list(cfg, res.Fset)
	res.Problems = problems
	if g == nil {
		return res
	}
	g.choose(cfg.Opens)
	g.check(cfg.Progress)
	res.Problems = append(res.Problems, g.problems()...)
	analyse(cfg, g, res)

	slices.SortStableFunc(res.Findings, func(a, b finding.Finding) int { return report.Compare(res.Fset, a, b) })
	res.Findings = slices.CompactFunc(res.Findings, func(a, b finding.Finding) bool {
		return report.Compare(res.Fset, a, b) == 0 // a file in a package and in its test variant
	})
	slices.SortFunc(res.Packages, func(a, b Package) int { return cmp.Compare(a.Path, b.Path) })
	slices.SortStableFunc(res.Problems, func(a, b Problem) int {
		return cmp.Or(
			cmp.Compare(a.Pos.Filename, b.Pos.Filename), cmp.Compare(a.Pos.Line, b.Pos.Line),
			cmp.Compare(a.Pos.Column, b.Pos.Column), cmp.Compare(a.Message, b.Message),
		)
	})
	res.Problems = slices.Compact(res.Problems)
	return res
}
