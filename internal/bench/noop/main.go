// Command noop is what idemlint's cost is measured against: an analyzer that looks at
// nothing and has a fact type, so that go vet runs it on every dependency. It loads
// and type-checks the packages of the module as other standalone checkers do, or is a
// tool for go vet.
package main

import (
	"fmt"
	"os"
	"slices"
	"strings"

	"golang.org/x/tools/go/analysis"
	"golang.org/x/tools/go/analysis/unitchecker"

	"github.com/idemlint/idemlint/internal/checkertest"
)

type fact struct{}

func (*fact) AFact() {}

var noop = &analysis.Analyzer{
	Name: "noop", Doc: "looks at nothing",
	FactTypes: []analysis.Fact{new(fact)},
	Run:       func(*analysis.Pass) (any, error) { return nil, nil },
}

func main() {
	args := os.Args[1:]
	if slices.Contains(args, "-V=full") || slices.Contains(args, "-flags") || len(args) > 0 && strings.HasSuffix(args[len(args)-1], ".cfg") {
		unitchecker.Main(noop) // does not return
	}
	pkgs, err := checkertest.Load(".", nil, args...)
	if err == nil {
		_, err = checkertest.Analyze(pkgs, noop)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(2)
	}
}
