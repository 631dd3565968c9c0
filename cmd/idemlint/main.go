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
//
// And it builds a gopls, the language server of editors, with the checks in it:
//
//	idemlint gopls [-o file]
package main

import (
	"bytes"
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
	"github.com/idemlint/idemlint/internal/finding"
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
	if len(os.Args) > 1 && os.Args[1] == "gopls" {
		os.Exit(buildGopls(os.Args[2:], os.Stdout, os.Stderr))
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
	earlier, err := prepare(opts, dir)
	if err != nil {
		fmt.Fprintf(stderr, "idemlint: %v\n", err)
		return trouble
	}
	if os.Getenv("GOGC") == "" {
		go collectRarely()
	}
	report.Tests = opts.tests
	analyse := func() *driver.Result {
		progress := newProgress(stderr)
		defer progress.done()
		return driver.Run(driver.Config{
			Dir: dir, Patterns: opts.patterns, Tags: opts.tags, Tests: opts.tests,
			Checks: opts.checks, Opens: opens, Progress: progress.stage,
		})
	}
	result, mended, worst := analyse(), "", clean
	switch {
	case opts.writeBaseline != "":
		return max(tell(dir, result.Problems, stderr), accept(opts, dir, result, stderr))
	case opts.diff:
		return showDiff(dir, result, earlier.fresh(result), stdout, stderr)
	case opts.fix:
		result, mended, err = mend(dir, result, earlier.fresh(result), analyse)
		if err == nil {
			// Lines have moved since.
			var moved *known
			if moved, err = prepare(opts, dir); err == nil {
				earlier = moved
			}
		}
		if err != nil {
			fmt.Fprintf(stderr, "idemlint: %v\n", err)
			worst = trouble
		}
	}
	findings := earlier.fresh(result)
	code := worst
	if len(findings) > 0 {
		code = max(code, found)
	}
	if mended != "" {
		fmt.Fprintf(stderr, "idemlint: %s; %s\n", mended, remain(len(findings)))
	}
	if err := write(opts, dir, result, findings, stdout); err != nil {
		fmt.Fprintf(stderr, "idemlint: %v\n", err)
		code = trouble
	}
	if len(result.Problems) == 0 {
		earlier.gone(opts, dir, stderr)
	}
	return max(code, tell(dir, result.Problems, stderr))
}

// tell prints what could not be analysed, and chooses the exit code for it.
func tell(dir string, problems []driver.Problem, stderr io.Writer) int {
	code := clean
	for _, p := range problems {
		p.Pos.Filename = output.Relative(dir, p.Pos.Filename)
		fmt.Fprintf(stderr, "idemlint: %s\n", p)
		code = trouble
	}
	return code
}

// write prints the findings, or puts them into the file of -o.
func write(opts *options, dir string, result *driver.Result, findings []finding.Finding, stdout *os.File) error {
	var buf bytes.Buffer
	out := &output.Writer{
		Out: &buf, Fset: result.Fset, Dir: dir, Root: output.Root(dir), Format: opts.format, Version: number(),
		Color: opts.out == "" && output.Colored(term.IsTerminal(int(stdout.Fd()))),
	}
	for _, c := range suite() {
		if slices.Contains(opts.checks, c.Analyzer) {
			out.Checks = append(out.Checks, c.Doc)
		}
	}
	report := output.Report{Findings: findings, WithCoverage: opts.coverage}
	for _, p := range result.Packages {
		report.Packages = append(report.Packages, output.Package{Path: p.Path, Analysed: p.Analysed, Coverage: p.Coverage})
	}
	for _, p := range result.Problems {
		report.Problems = append(report.Problems, output.Problem(p))
	}
	err := out.Report(report)
	if err == nil && opts.out != "" {
		if err := output.WriteFile(opts.out, buf.Bytes()); err != nil {
			return fmt.Errorf("-o %s cannot be written: %w", opts.out, err)
		}
		return nil
	}
	if err == nil {
		_, err = stdout.Write(buf.Bytes())
	}
	if err != nil {
		return fmt.Errorf("writing the output: %w", err)
	}
	return nil
}

// version tells the version of the module and of the Go that built it.
func version() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return "idemlint (unknown version)"
	}
	return "idemlint " + number() + " " + info.GoVersion
}

// number is the version of the module, with the revision where it is a working tree.
func number() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return ""
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
	return v
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
