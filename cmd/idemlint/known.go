package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"

	"golang.org/x/tools/go/analysis"

	"github.com/idemlint/idemlint/internal/baseline"
	"github.com/idemlint/idemlint/internal/driver"
	"github.com/idemlint/idemlint/internal/finding"
	"github.com/idemlint/idemlint/internal/output"
	"github.com/idemlint/idemlint/internal/revision"
)

// known is what findings are held against, so that only new ones are reported.
type known struct {
	baseline *baseline.Set   // nil where there is none
	since    *revision.Since // nil where none was asked for
}

// prepare finds out what would make a run fail at its end, before it begins. An error
// is one clear line.
func prepare(opts *options, dir string) (*known, error) {
	k := &known{}
	for _, to := range []struct{ flag, file string }{{"-o", opts.out}, {"-write-baseline", opts.writeBaseline}} {
		if to.file == "" {
			continue
		}
		if err := output.Writable(to.file); err != nil {
			return nil, fmt.Errorf("%s %s cannot be written: %w", to.flag, to.file, err)
		}
	}
	var err error
	if opts.baseline != "" {
		if k.baseline, err = baseline.Read(opts.baseline); err != nil {
			return nil, fmt.Errorf("-baseline %s: %w", opts.baseline, err)
		}
	}
	if opts.newFromRev != "" {
		if k.since, err = revision.Find(dir, opts.newFromRev); err == nil {
			err = k.since.Load()
		}
		if err != nil {
			return nil, fmt.Errorf("-new-from-rev %s: %w", opts.newFromRev, err)
		}
	}
	return k, nil
}

// fresh keeps the findings that are new, in their order.
func (k *known) fresh(result *driver.Result) []finding.Finding {
	findings := result.Findings
	if k.baseline != nil {
		k.baseline.Reset()
		findings = slices.DeleteFunc(slices.Clone(findings), func(f finding.Finding) bool { return k.baseline.Known(f.ID) })
	}
	if k.since == nil {
		return findings
	}
	extents := revision.Extents{}
	return slices.DeleteFunc(slices.Clone(findings), func(f finding.Finding) bool {
		for _, r := range append([]finding.Related{{Pos: f.Pos}}, f.Related...) {
			at := result.Fset.Position(r.Pos)
			if from, to := extents.Of(at); k.since.Changed(at.Filename, from, to) {
				return false
			}
		}
		return true
	})
}

// gone tells in one line which findings of the baseline are not there any more. What
// was not looked for is not gone: other packages, checks that did not run, tests that
// were not asked for.
func (k *known) gone(opts *options, dir string, stderr io.Writer) {
	if k.baseline == nil {
		return
	}
	var dirs map[string]bool // asked for only when needed: it takes another go list
	root := output.Root(dir)
	list := k.baseline.Gone(func(e baseline.Entry) bool {
		ran := slices.ContainsFunc(opts.checks, func(a *analysis.Analyzer) bool { return a.Name == e.Check })
		if !ran || strings.HasSuffix(e.File, "_test.go") && !opts.tests {
			return false
		}
		file := e.File
		if !filepath.IsAbs(file) {
			file = filepath.Join(root, filepath.FromSlash(file))
		}
		if _, err := os.Stat(file); errors.Is(err, os.ErrNotExist) {
			return true
		}
		if dirs == nil {
			dirs = directories(opts, dir)
		}
		return dirs[filepath.Dir(file)]
	})
	if n := baseline.Total(list); n > 0 {
		are, them := "findings of the baseline are", "them"
		if n == 1 {
			are, them = "finding of the baseline is", "it"
		}
		fmt.Fprintf(stderr, "idemlint: %d %s gone: %s; -write-baseline %s forgets %s\n", n, are, baseline.Describe(list), opts.baseline, them)
	}
}

// directories are those of the packages asked for. Where the go command does not tell,
// there are none, and nothing is said to be gone.
func directories(opts *options, dir string) map[string]bool {
	cmd := exec.Command("go", append([]string{"list", "-e", "-find", "-tags=" + opts.tags, "-f", "{{.Dir}}", "--"}, opts.patterns...)...)
	cmd.Dir = dir
	out, _ := cmd.Output()
	dirs := map[string]bool{}
	for line := range strings.Lines(string(out)) {
		dirs[strings.TrimRight(line, "\r\n")] = true
	}
	return dirs
}

// accept writes the findings as the baseline of the runs to come.
func accept(opts *options, dir string, result *driver.Result, stderr io.Writer) int {
	if len(result.Problems) > 0 {
		fmt.Fprintf(stderr, "idemlint: -write-baseline %s: not written, because not everything could be analysed\n", opts.writeBaseline)
		return trouble
	}
	root := output.Root(dir)
	var entries []baseline.Entry
	for _, f := range result.Findings {
		file := result.Fset.Position(f.Pos).Filename
		if rel, err := filepath.Rel(root, file); err == nil {
			file = filepath.ToSlash(rel)
		}
		entries = append(entries, baseline.Entry{ID: f.ID, Check: f.Check, File: file, Message: strings.Join(strings.Fields(f.Message), " "), Count: 1})
	}
	if err := output.WriteFile(opts.writeBaseline, baseline.Encode(entries)); err != nil {
		fmt.Fprintf(stderr, "idemlint: -write-baseline %s cannot be written: %v\n", opts.writeBaseline, err)
		return trouble
	}
	s := "s"
	if len(entries) == 1 {
		s = ""
	}
	fmt.Fprintf(stderr, "idemlint: %d finding%s written to %s\n", len(entries), s, opts.writeBaseline)
	return clean
}
