package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"slices"
	"strings"

	"golang.org/x/tools/go/analysis"

	"github.com/idemlint/idemlint/analyzer"
	"github.com/idemlint/idemlint/internal/output"
	"github.com/idemlint/idemlint/passes/window"
)

// options are what the command line says.
type options struct {
	flags    *flag.FlagSet
	dir      string
	format   string
	out      string
	baseline string
	// writeBaseline is the file to write, and newFromRev a git revision; empty for none.
	writeBaseline string
	newFromRev    string
	explain       string
	tags          string
	coverage      bool
	tests         bool
	version       bool
	fix           bool
	diff          bool
	checks        []*analysis.Analyzer
	patterns      []string
}

// parse reads the command line; every error is one line that says what to do. The
// options are usable for printing the usage even then.
func parse(args []string) (*options, error) {
	o := &options{flags: flag.NewFlagSet("idemlint", flag.ContinueOnError)}
	fs := o.flags
	fs.SetOutput(io.Discard)
	fs.Usage = func() {}
	selection := "all"
	fs.StringVar(&o.dir, "C", "", "change to `dir` first")
	fs.StringVar(&o.format, "f", "text", "write findings in this `format`: "+strings.Join(output.Formats, ", "))
	fs.StringVar(&o.out, "o", "", "write findings to `file` instead of standard output")
	fs.StringVar(&o.baseline, "baseline", "", "report only findings that are not in this `file`")
	fs.StringVar(&o.writeBaseline, "write-baseline", "", "write the findings to `file`, as the baseline of later runs, and report none")
	fs.StringVar(&o.newFromRev, "new-from-rev", "", "report only findings on lines that changed since this git `revision`")
	fs.StringVar(&selection, "checks", "all", "run these checks only: `a,b`, or all but some: all,-c or -c")
	fs.StringVar(&o.explain, "explain", "", "explain a `check` and exit")
	fs.BoolVar(&o.coverage, "coverage", false, "tell for each window what was understood of it, and what not")
	fs.BoolVar(&o.tests, "tests", false, "report findings in test files and generated files too")
	fs.BoolVar(&o.fix, "fix", false, "apply the fixes that findings bring, then report what remains")
	fs.BoolVar(&o.diff, "diff", false, "print the fixes as a diff, change no file and report nothing else")
	fs.StringVar(&o.tags, "tags", "", "build `tags`, as for go build")
	fs.BoolVar(&o.version, "version", false, "print the version and exit")
	for _, a := range append(analyzers(), window.Analyzer) {
		a.Flags.VisitAll(func(f *flag.Flag) { fs.Var(f.Value, a.Name+"."+f.Name, f.Usage) })
	}
	if err := fs.Parse(args); err != nil {
		if errors.Is(err, flag.ErrHelp) {
			return o, err
		}
		msg := strings.Replace(err.Error(), "flag provided but not defined: ", "unknown flag ", 1)
		return o, fmt.Errorf("%s; idemlint -h lists the flags", strings.ReplaceAll(msg, "\n", " "))
	}
	o.patterns = fs.Args()
	for _, p := range o.patterns {
		if strings.HasPrefix(p, "-") && p != "-" {
			return o, fmt.Errorf("flag %s stands after the packages; flags come first", p)
		}
	}
	if len(o.patterns) == 0 {
		o.patterns = []string{"./..."}
	}
	if !slices.Contains(output.Formats, o.format) {
		return o, fmt.Errorf("-f %s: no such format; the formats are %s", o.format, strings.Join(output.Formats, ", "))
	}
	if err := o.agree(); err != nil {
		return o, err
	}
	var err error
	o.checks, err = choose(selection)
	return o, err
}

// agree refuses flags that contradict each other.
func (o *options) agree() error {
	if o.diff && (o.format != "text" || o.out != "") {
		return fmt.Errorf("-diff prints a diff, not findings; leave -f and -o out")
	}
	if (o.diff || o.fix) && o.writeBaseline != "" {
		return fmt.Errorf("-write-baseline accepts findings, -fix and -diff mend them; use one of them")
	}
	if o.writeBaseline != "" {
		for _, with := range []struct{ flag, value string }{{"-baseline", o.baseline}, {"-new-from-rev", o.newFromRev}, {"-o", o.out}} {
			if with.value != "" {
				return fmt.Errorf("-write-baseline takes every finding and reports none; it does not go with %s", with.flag)
			}
		}
	}
	if o.coverage && o.format == output.SARIF {
		return errors.New("-coverage has no place in -f sarif; text, json, github and html show it")
	}
	return nil
}

// choose resolves "a,b", "-c" and "all,-c", from left to right.
func choose(selection string) ([]*analysis.Analyzer, error) {
	chosen, err := analyzer.Choose(analyzers(), strings.Split(selection, ",")...)
	if err != nil {
		return nil, fmt.Errorf("-checks %s: %w", selection, err)
	}
	return chosen, nil
}

// usage prints the help.
func usage(out io.Writer, fs *flag.FlagSet) {
	fmt.Fprint(out, `idemlint finds what goes wrong in queue workers when a message is delivered again.

usage: idemlint [-C dir] [flags] [packages]

Without packages it analyses ./... Exit code: 0 nothing found, 1 findings, 2 not
everything could be analysed. With -baseline and -new-from-rev only new findings count.

flags:
`)
	fs.SetOutput(out)
	fs.PrintDefaults()
	fmt.Fprint(out, "\nchecks:\n")
	for _, c := range suite() {
		fmt.Fprintf(out, "  %-15s %s\n", c.Doc.Name, c.Doc.Summary)
	}
	fmt.Fprint(out, `
A finding is suppressed, with a reason, by a comment on or above its line, or above
its declaration or package clause:

  //idemlint:ignore check reason

As a vet tool: go vet -vettool=$(which idemlint) [-tests] [-check.flag=value] [packages]
For editors, a gopls with the checks in it: idemlint gopls -h
`)
}
