// Command score holds findings against labelled lines of public code: recall by kind of
// bug, by confidence and by SDK, every label that is missed, and every finding that stands
// against a label.
//
//	go run ./internal/score -labels labels.jsonl -src checkouts [-idemlint path] [-v]
//
// The folder of checkouts holds one folder a repository, named owner__name, at the commit
// that its labels speak of, and able to build. A label is one line of JSON: repo, file,
// line, code, confidence, sdk, module_dir, why; its code is one of those below, or OK for
// code that is right though it looks wrong. A labelled bug is found when a finding of a
// fitting check has its place, or a related one, in the same function. An OK label is
// contradicted by a finding within two lines of it that found no bug. Whatever else is
// found is unlabelled: read it.
package main

import (
	"bufio"
	"bytes"
	"cmp"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"text/tabwriter"
)

// fits tells which checks report a kind of bug.
var fits = map[string][]string{
	"W": {"blobwrite"},
	"R": {"etag", "increment"},
	"M": {"missingdelete"},
	"E": {"earlydelete", "deleteonerror"},
	"V": {"visibility", "zombie"},
	"N": {"freshkey"},
	"S": {"sideeffect", "increment"},
	"L": {"localdedup"},
	"P": {"poison", "batchsettle"},
	"C": {"checkthenact", "conflict", "markfirst", "guardskip"},
}

type label struct {
	Repo, File, Code, Confidence, SDK, Why string
	Line                                   int
	ModuleDir                              string `json:"module_dir"`
}

func (l *label) path() string { return folder(l.Repo) + "/" + l.File }

func folder(repo string) string { return strings.ReplaceAll(repo, "/", "__") }

type place struct {
	File string
	Line int
}

type found struct {
	Code, Message string
	Location      place
	Related       []struct{ Location place }
	used          bool
}

func (f *found) places() []place {
	list := []place{f.Location}
	for _, r := range f.Related {
		list = append(list, r.Location)
	}
	return list
}

func main() {
	labels := flag.String("labels", "", "`file` with a label a line")
	src := flag.String("src", "", "`folder` with a checkout for each repository")
	program := flag.String("idemlint", "idemlint", "the `command` to run")
	verbose := flag.Bool("v", false, "print every finding, too")
	flag.Parse()
	if *labels == "" || *src == "" || flag.NArg() > 0 {
		fmt.Fprintln(os.Stderr, "score: say -labels file and -src folder, and nothing else")
		os.Exit(2)
	}
	if err := run(os.Stdout, *labels, *src, *program, *verbose); err != nil {
		fmt.Fprintln(os.Stderr, "score:", err)
		os.Exit(2)
	}
}

func run(out io.Writer, labelFile, src, program string, verbose bool) error {
	list, err := readLabels(labelFile)
	if err != nil {
		return err
	}
	var findings []*found
	done := map[string]bool{}
	for i := range list {
		module := filepath.Join(folder(list[i].Repo), filepath.FromSlash(list[i].ModuleDir))
		if done[module] {
			continue
		}
		done[module] = true
		if _, err := os.Stat(filepath.Join(src, module)); err != nil {
			fmt.Fprintf(out, "no checkout: %s\n", module)
			continue
		}
		here, err := lint(out, program, src, module)
		if err != nil {
			return err
		}
		findings = append(findings, here...)
	}
	list = slices.DeleteFunc(list, func(l label) bool {
		_, err := os.Stat(filepath.Join(src, folder(l.Repo)))
		return err != nil
	})
	return report(out, src, list, findings, verbose)
}

func readLabels(name string) ([]label, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	var list []label
	lines := bufio.NewScanner(f)
	lines.Buffer(nil, 1<<20)
	for n := 1; lines.Scan(); n++ {
		if len(bytes.TrimSpace(lines.Bytes())) == 0 {
			continue
		}
		var l label
		if err := json.Unmarshal(lines.Bytes(), &l); err != nil {
			return nil, fmt.Errorf("%s:%d: %w", name, n, err)
		}
		if l.Code != "OK" && fits[l.Code] == nil {
			return nil, fmt.Errorf("%s:%d: %q is no code of a label", name, n, l.Code)
		}
		list = append(list, l)
	}
	return list, lines.Err()
}

// lint runs the command over one module; the files of its findings are relative to src.
func lint(out io.Writer, program, src, module string) ([]*found, error) {
	cmd := exec.Command(program, "-C", filepath.Join(src, module), "-f", "json", "./...")
	cmd.Env = append(os.Environ(), "GOWORK=off")
	var errs bytes.Buffer
	cmd.Stderr = &errs
	text, err := cmd.Output()
	if cmd.ProcessState == nil {
		return nil, err
	}
	if cmd.ProcessState.ExitCode() > 1 {
		first, _, _ := strings.Cut(errs.String(), "\n")
		fmt.Fprintf(out, "not all of %s: %s\n", module, first)
	}
	var list []*found
	for line := range strings.Lines(string(text)) {
		f := &found{}
		if err := json.Unmarshal([]byte(line), f); err != nil {
			return nil, fmt.Errorf("%s: %w", module, err)
		}
		rebase := func(p *place) { p.File = filepath.ToSlash(filepath.Join(module, p.File)) }
		rebase(&f.Location)
		for i := range f.Related {
			rebase(&f.Related[i].Location)
		}
		list = append(list, f)
	}
	return list, nil
}

// score is how many of some labels were found.
type score struct{ found, all int }

func report(out io.Writer, src string, labels []label, findings []*found, verbose bool) error {
	scores := map[string]*score{}
	count := func(key string, hit bool) {
		if scores[key] == nil {
			scores[key] = &score{}
		}
		scores[key].all++
		if hit {
			scores[key].found++
		}
	}
	funcs := functions{src: src, starts: map[string][]int{}}
	for i := range labels {
		l := &labels[i]
		if l.Code == "OK" {
			continue
		}
		at, hit := funcs.of(l.path(), l.Line), false
		for _, f := range findings {
			if slices.Contains(fits[l.Code], f.Code) && slices.ContainsFunc(f.places(), func(p place) bool { return funcs.of(p.File, p.Line) == at }) {
				f.used, hit = true, true
			}
		}
		for _, key := range []string{"code " + l.Code, "code " + l.Code + "/" + l.Confidence, "sdk " + l.SDK, "all", "all/" + l.Confidence} {
			count(key, hit)
		}
		if !hit {
			fmt.Fprintf(out, "missed  %s/%s %s:%d %s\n", l.Code, l.Confidence, l.path(), l.Line, l.Why)
		}
	}
	against := 0
	for _, f := range findings {
		i := slices.IndexFunc(labels, func(l label) bool {
			return l.Code == "OK" && f.Location.File == l.path() && max(f.Location.Line-l.Line, l.Line-f.Location.Line) <= 2
		})
		if !f.used && i >= 0 {
			against++
			fmt.Fprintf(out, "against %s %s:%d is labelled OK: %s\n", f.Code, f.Location.File, f.Location.Line, labels[i].Why)
		} else if verbose {
			fmt.Fprintf(out, "found   %s %s:%d %s\n", f.Code, f.Location.File, f.Location.Line, f.Message)
		}
	}
	table := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	keys := make([]string, 0, len(scores))
	for k := range scores {
		keys = append(keys, k)
	}
	slices.SortFunc(keys, cmp.Compare[string])
	for _, k := range keys {
		fmt.Fprintf(table, "%s\t%d of %d\n", k, scores[k].found, scores[k].all)
	}
	if err := table.Flush(); err != nil {
		return err
	}
	used := 0
	for _, f := range findings {
		if f.used {
			used++
		}
	}
	_, err := fmt.Fprintf(out, "%d findings: %d on labelled bugs, %d against OK labels, %d unlabelled\n", len(findings), used, against, len(findings)-used-against)
	return err
}

// functions finds the function that a line belongs to, by the lines that open one.
type functions struct {
	src    string
	starts map[string][]int
}

func (fs *functions) of(file string, line int) place {
	starts, known := fs.starts[file]
	if !known {
		if text, err := os.ReadFile(filepath.Join(fs.src, filepath.FromSlash(file))); err == nil {
			n := 0
			for l := range strings.Lines(string(text)) {
				n++
				if strings.HasPrefix(l, "func ") || strings.HasPrefix(l, "func(") {
					starts = append(starts, n)
				}
			}
		}
		fs.starts[file] = starts
	}
	start := 0
	for _, s := range starts {
		if s <= line {
			start = s
		}
	}
	return place{file, start}
}
