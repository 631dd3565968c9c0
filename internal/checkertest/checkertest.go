// Package checkertest runs analyzers in the test's own process, with go/packages and
// x/tools' checker: a driver that shares no code with ours, and that lets a test see
// facts and results.
package checkertest

import (
	"fmt"
	"maps"
	"os"
	"slices"

	"golang.org/x/tools/go/analysis"
	"golang.org/x/tools/go/analysis/checker"
	"golang.org/x/tools/go/packages"
)

const mode = packages.NeedName | packages.NeedFiles | packages.NeedCompiledGoFiles | packages.NeedImports |
	packages.NeedExportFile | packages.NeedTypes | packages.NeedTypesSizes | packages.NeedSyntax |
	packages.NeedTypesInfo | packages.NeedModule

// Load type-checks the packages that match from source, what they import from export
// data. Every edge to a package that did not match is cut, so that the checker sees
// only what has syntax.
func Load(dir string, env []string, patterns ...string) ([]*packages.Package, error) {
	cfg := &packages.Config{Mode: mode, Dir: dir, Env: append(os.Environ(), env...)}
	pkgs, err := packages.Load(cfg, patterns...)
	if err != nil {
		return nil, err
	}
	if len(pkgs) == 0 {
		return nil, fmt.Errorf("no packages match %q in %s", patterns, dir)
	}
	for _, p := range pkgs {
		if len(p.Errors) > 0 {
			return nil, fmt.Errorf("package %s: %v", p.PkgPath, p.Errors[0])
		}
		for _, path := range slices.Collect(maps.Keys(p.Imports)) {
			if !slices.Contains(pkgs, p.Imports[path]) {
				delete(p.Imports, path)
			}
		}
	}
	return pkgs, nil
}

// Analyze runs the analyzers over the packages; the first action that failed is the
// error.
func Analyze(pkgs []*packages.Package, analyzers ...*analysis.Analyzer) (*checker.Graph, error) {
	graph, err := checker.Analyze(analyzers, pkgs, nil)
	if err != nil {
		return nil, err
	}
	for act := range graph.All() {
		if act.Err != nil {
			return nil, fmt.Errorf("%s of %s: %w", act.Analyzer.Name, act.Package.PkgPath, act.Err)
		}
	}
	return graph, nil
}
