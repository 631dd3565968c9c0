// Command idemlint finds what goes wrong in queue workers when a message is
// delivered again.
//
//	idemlint [-C dir] [flags] [packages]
//
// Without packages it analyses ./... of the current directory. It exits with 0 where
// nothing was found, 1 where something was, 2 where not everything could be analysed.
// It is also a tool for go vet:
//
//	go vet -vettool=$(which idemlint) ./...
package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"runtime/debug"
	"slices"
	"strings"

	"golang.org/x/term"
	"golang.org/x/tools/go/analysis"

	"github.com/idemlint/idemlint/analyzer"
	"github.com/idemlint/idemlint/internal/driver"
	"github.com/idemlint/idemlint/internal/output"
	"github.com/idemlint/idemlint/internal/report"
	"github.com/idemlint/idemlint/models"
)

// Exit codes.
const (
	clean   = 0
	found   = 1
	trouble = 2 // could not analyse all; wins over found
)

// suite is what the command runs; its tests put a check of their own in its place.
var suite = analyzer.Checks

// analyzers are those of the suite.
func analyzers() []*analysis.Analyzer {
	var list []*analysis.Analyzer
	for _, c := range suite() {
		list = append(list, c.Analyzer)
	}
	return list
}

// opens is the gate.
var opens = models.NewIndex(models.All()).Opens

func main() {
	if vetProtocol(os.Args[1:]) {
		vet() // does not return
	}
	os.Exit(standalone(os.Args[1:], os.Stdout, os.Stderr))
}

// standalone is the command proper.
func standalone(args []string, stdout, stderr *os.File) int {
	opts, err := parse(args)
	switch {
	case errors.Is(err, flag.ErrHelp):
		usage(stdout, opts.flags)
		return clean
	case err != nil:
		fmt.Fprintf(stderr, "idemlint: %v\n", err)
		return trouble
	case opts.version:
		fmt.Fprintln(stdout, version())
		return clean
	case opts.explain != "":
		return explain(stdout, stderr, opts.explain)
	}
	if opts.dir != "" {
		if err := os.Chdir(opts.dir); err != nil {
			fmt.Fprintf(stderr, "idemlint: -C %s: no such directory: nothing was analysed\n", opts.dir)
			return trouble
		}
	}
	dir, err := os.Getwd()
	if err != nil {
		fmt.Fprintf(stderr, "idemlint: the current directory: %v\n", err)
		return trouble
	}
	if os.Getenv("GOGC") == "" {
		go collectRarely()
	}
	report.Tests = opts.tests
	progress := newProgress(stderr)
	result := driver.Run(driver.Config{
		Dir: dir, Patterns: opts.patterns, Tags: opts.tags, Tests: opts.tests,
		Checks: opts.checks, Opens: opens, Progress: progress.stage,
	})
	progress.done()
	return write(opts, dir, result, stdout, stderr)
}

// write prints the result and chooses the exit code.
func write(opts *options, dir string, result *driver.Result, stdout, stderr *os.File) int {
	out := &output.Writer{
		Out: stdout, Fset: result.Fset, Dir: dir, JSON: opts.format == "json",
		Color: output.Colored(term.IsTerminal(int(stdout.Fd()))),
	}
	err := out.Findings(result.Findings)
	if err == nil && opts.coverage {
		var packages []output.Package
		for _, p := range result.Packages {
			packages = append(packages, output.Package{Path: p.Path, Analysed: p.Analysed, Coverage: p.Coverage})
		}
		err = out.Coverage(packages)
	}
	code := clean
	if len(result.Findings) > 0 {
		code = found
	}
	for _, p := range result.Problems {
		p.Pos.Filename = output.Relative(dir, p.Pos.Filename)
		fmt.Fprintf(stderr, "idemlint: %s\n", p)
		code = trouble
	}
	if err != nil {
		fmt.Fprintf(stderr, "idemlint: writing the output: %v\n", err)
		code = trouble
	}
	return code
}

// version tells the version of the module and of the Go that built it.
func version() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return "idemlint (unknown version)"
	}
	v := info.Main.Version
	if v == "" || v == "(devel)" {
		v = "(devel)"
		for _, s := range info.Settings {
			if s.Key == "vcs.revision" {
				v += " " + s.Value
			}
		}
	}
	return "idemlint " + v + " " + info.GoVersion
}

// explain prints the documentation of a check.
func explain(stdout, stderr io.Writer, name string) int {
	var names []string
	for _, c := range suite() {
		if c.Doc.Name == name {
			explainCheck(stdout, c)
			return clean
		}
		names = append(names, c.Doc.Name)
	}
	slices.Sort(names)
	fmt.Fprintf(stderr, "idemlint: -explain %s: no such check; the checks are %s\n", name, strings.Join(names, ", "))
	return trouble
}
