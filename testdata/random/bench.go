package random

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"

	"golang.org/x/tools/go/analysis"

	"github.com/idemlint/idemlint/analyzer"
	"github.com/idemlint/idemlint/internal/checkertest"
	"github.com/idemlint/idemlint/internal/finding"
	"github.com/idemlint/idemlint/testdata/random/play"
)

// Report is what a check says about a handler.
type Report struct {
	Check, Message string
	Line           int
}

// Case is a handler with both verdicts.
type Case struct {
	Plan    Plan
	Reports []Report
	Verdict play.Verdict
	// Code is the handler as a file.
	Code string
}

// Linter says what is reported in each file of the packages that match.
type Linter func(dir string, patterns []string) (map[string][]Report, error)

// Suite is the linter with all its checks.
func Suite(dir string, patterns []string) (map[string][]Report, error) {
	pkgs, err := checkertest.Load(dir, nil, patterns...)
	if err != nil {
		return nil, err
	}
	graph, err := checkertest.Analyze(pkgs, analyzer.Analyzers()...)
	if err != nil {
		return nil, err
	}
	checks := map[*analysis.Analyzer]bool{}
	for _, a := range analyzer.Analyzers() {
		checks[a] = true
	}
	reports := map[string][]Report{}
	for act := range graph.All() {
		if !checks[act.Analyzer] {
			continue
		}
		list, _ := act.Result.([]finding.Finding)
		for _, f := range list {
			at := act.Package.Fset.Position(f.Pos)
			reports[at.Filename] = append(reports[at.Filename], Report{Check: f.Check, Message: f.Message, Line: at.Line})
		}
	}
	for _, list := range reports {
		slices.SortFunc(list, func(a, b Report) int {
			if a.Line != b.Line {
				return a.Line - b.Line
			}
			return strings.Compare(a.Check, b.Check)
		})
	}
	return reports, nil
}

// Module is the folder of the module that the handlers are written into: they need its
// go.mod.
const Module = ".."

// perPackage is how many handlers stand in one package, at most: as many as have a theme of
// their own.
const perPackage = 25

// Question is a plan that is to be linted and explored.
type Question struct {
	Plan Plan
	// Worlds to explore it in.
	Worlds []play.World
	// If tells by what is reported whether exploration matters; nil means that it does.
	If func(Case) bool
}

// Player answers questions: Play, but for tests of what is made of it.
type Player func([]Question) ([]Case, error)

// Play writes plans down, lints them and explores them in their worlds, all in one go.
func Play(questions []Question, lint Linter) ([]Case, error) {
	// The go command overlooks folders that begin with "_" unless they are named.
	root, err := os.MkdirTemp(Module, "_random")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(root)
	b := &bench{root: root, dir: filepath.Base(root)}
	cases, err := b.write(questions)
	if err != nil {
		return nil, err
	}
	reports, err := lint(Module, b.patterns())
	if err != nil {
		return nil, err
	}
	var open []int
	for i, q := range questions {
		path, err := filepath.Abs(filepath.Join(root, b.files[i]))
		if err != nil {
			return nil, err
		}
		cases[i].Reports = reports[path]
		if q.If == nil || q.If(cases[i]) {
			open = append(open, i)
		}
	}
	if len(open) == 0 {
		return cases, nil
	}
	verdicts, err := b.explore(questions, open)
	if err != nil {
		return nil, err
	}
	for _, i := range open {
		cases[i].Verdict = verdicts[b.files[i]]
	}
	return cases, nil
}

type bench struct {
	root, dir string
	files     []string // of each question, below root
	calls     []string // how its handler is called
	packages  []map[int]bool
}

func (b *bench) patterns() []string {
	var all []string
	for i := range b.packages {
		all = append(all, fmt.Sprintf("./%s/p%02d", b.dir, i))
	}
	return all
}

// seat finds a package in which no handler has this theme.
func (b *bench) seat(theme int) int {
	for i, taken := range b.packages {
		if len(taken) < perPackage && !taken[theme] {
			taken[theme] = true
			return i
		}
	}
	b.packages = append(b.packages, map[int]bool{theme: true})
	return len(b.packages) - 1
}

// write writes the handlers.
func (b *bench) write(questions []Question) ([]Case, error) {
	var cases []Case
	for i, q := range questions {
		pkg := fmt.Sprintf("p%02d", b.seat(q.Plan.Theme%len(themes)))
		code, call := q.Plan.Source()
		file, err := File(pkg, code)
		if err != nil {
			return nil, fmt.Errorf("%s: %w\n%s", q.Plan.Shape(), err, file)
		}
		name := fmt.Sprintf("%s/h%03d.go", pkg, i)
		if err := writeFile(filepath.Join(b.root, name), file); err != nil {
			return nil, err
		}
		b.files, b.calls = append(b.files, name), append(b.calls, pkg+"."+call)
		cases = append(cases, Case{Plan: q.Plan, Code: file})
	}
	return cases, nil
}

// writeTest writes a test that explores these handlers, and their worlds.
func (b *bench) writeTest(questions []Question, open []int) error {
	type subject struct {
		Name   string
		Worlds []play.World
	}
	var subjects []subject
	var table strings.Builder
	used := map[string]bool{}
	for _, i := range open {
		name := b.files[i]
		subjects = append(subjects, subject{name, questions[i].Worlds})
		fmt.Fprintf(&table, "\t\t%q: func(ctx context.Context, c play.Clients) error { return %s },\n", name, b.calls[i])
		pkg, _, _ := strings.Cut(name, "/")
		used[pkg] = true
	}
	worlds, err := json.Marshal(subjects)
	if err != nil {
		return err
	}
	if err := writeFile(filepath.Join(b.root, "run", play.WorldsFile), string(worlds)); err != nil {
		return err
	}
	test := "package run\n\nimport (\n\t\"context\"\n\t\"testing\"\n\n\t\"github.com/idemlint/idemlint/testdata/random/play\"\n"
	for _, pkg := range slices.Sorted(maps.Keys(used)) {
		test += fmt.Sprintf("\t\"github.com/idemlint/idemlint/testdata/%s/%s\"\n", b.dir, pkg)
	}
	test += ")\n\nfunc Test(t *testing.T) {\n\tplay.All(t, map[string]play.Handler{\n" + table.String() + "\t})\n}\n"
	return writeFile(filepath.Join(b.root, "run", "run_test.go"), test)
}

func writeFile(name, text string) error {
	if err := os.MkdirAll(filepath.Dir(name), 0o777); err != nil {
		return err
	}
	return os.WriteFile(name, []byte(text), 0o666)
}

// explore compiles handlers into one test and runs it.
func (b *bench) explore(questions []Question, open []int) (map[string]play.Verdict, error) {
	if err := b.writeTest(questions, open); err != nil {
		return nil, err
	}
	cmd := exec.Command("go", "test", "-count=1", "-vet=off", "-timeout=0", "./"+b.dir+"/run")
	cmd.Dir = Module
	var output bytes.Buffer
	cmd.Stdout, cmd.Stderr = &output, &output
	failed := cmd.Run()
	file, err := os.Open(filepath.Join(b.root, "run", play.VerdictsFile))
	if errors.Is(err, fs.ErrNotExist) && failed != nil {
		return nil, fmt.Errorf("%w\n%s", failed, output.Bytes())
	}
	if err != nil {
		return nil, err
	}
	defer file.Close()
	verdicts := map[string]play.Verdict{}
	in := json.NewDecoder(file)
	last := ""
	for {
		var v play.Verdict
		err := in.Decode(&v)
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, err
		}
		verdicts[v.Name], last = v, v.Name
	}
	if len(verdicts) != len(open) {
		return nil, fmt.Errorf("exploration ended after %s: %w\n%s", last, failed, output.Bytes())
	}
	return verdicts, nil
}
