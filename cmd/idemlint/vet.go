package main

import (
	"flag"
	"os"
	"slices"
	"strings"

	"golang.org/x/tools/go/analysis/unitchecker"

	"github.com/idemlint/idemlint/internal/directive"
	"github.com/idemlint/idemlint/internal/report"
)

// vetProtocol tells whether the go command is calling: to know the version (-V=full),
// the flags (-flags), or to have one package analysed (….cfg).
func vetProtocol(args []string) bool {
	if len(args) == 0 {
		return false
	}
	return slices.Contains(args, "-V=full") || slices.Contains(args, "-flags") || strings.HasSuffix(args[len(args)-1], ".cfg")
}

// vet speaks the go command's protocol and exits. The analyzers' flags are named as in
// the standalone command; -tests is registered beside them, and -checks chooses.
func vet() {
	flag.BoolVar(&report.Tests, "tests", false, "report findings in test files and generated files too")
	flag.Func("checks", "run these checks only: a,b or all but some: all,-c", func(s string) error {
		chosen, err := choose(s)
		if err != nil {
			return err
		}
		for _, a := range chosen {
			if err := flag.Set(a.Name, "true"); err != nil {
				return err
			}
		}
		return flag.Set(directive.Analyzer.Name, "true")
	})
	// unitchecker runs, where one analyzer is named, only those named; comments that
	// say nothing understandable are told about all the same.
	for _, a := range analyzers() {
		if slices.Contains(os.Args, "-"+a.Name) || slices.Contains(os.Args, "-"+a.Name+"=true") {
			os.Args = slices.Insert(os.Args, 1, "-"+directive.Analyzer.Name)
			break
		}
	}
	unitchecker.Main(append(analyzers(), directive.Analyzer)...)
}
