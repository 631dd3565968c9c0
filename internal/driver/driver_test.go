package driver

import (
	"fmt"
	"go/ast"
	"go/types"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"golang.org/x/tools/go/analysis"

	"github.com/idemlint/idemlint/internal/directive"
	"github.com/idemlint/idemlint/internal/finding"
	"github.com/idemlint/idemlint/internal/report"
)

// harm is a check for these tests: os.Remove does harm, and so does every function
// that calls one that does; across packages it knows by a fact.
var harm = &analysis.Analyzer{
	Name: "harm", Doc: "reports calls of os.Remove", Run: runHarm,
	Requires:   []*analysis.Analyzer{directive.Analyzer},
	ResultType: reflect.TypeFor[[]finding.Finding](),
	FactTypes:  []analysis.Fact{(*doesHarm)(nil)},
}

type doesHarm struct{}

func (*doesHarm) AFact() {}

func runHarm(pass *analysis.Pass) (any, error) {
	if strings.HasSuffix(pass.Pkg.Path(), "/panics") {
		panic("boom\nwith a second line")
	}
	var list []finding.Finding
	for _, f := range pass.Files {
		for _, d := range f.Decls {
			ast.Inspect(d, func(n ast.Node) bool {
				call, ok := n.(*ast.CallExpr)
				if !ok {
					return true
				}
				sel, ok := call.Fun.(*ast.SelectorExpr)
				if !ok {
					return true
				}
				fn, ok := pass.TypesInfo.Uses[sel.Sel].(*types.Func)
				if !ok || fn.FullName() != "os.Remove" && !pass.ImportObjectFact(fn, new(doesHarm)) {
					return true
				}
				list = append(list, finding.Finding{Check: "harm", Pos: call.Pos(), End: call.End(), Message: "calls " + fn.FullName()})
				if decl, ok := d.(*ast.FuncDecl); ok {
					pass.ExportObjectFact(pass.TypesInfo.Defs[decl.Name], new(doesHarm))
				}
				return true
			})
		}
	}
	return report.Report(pass, pass.ResultOf[directive.Analyzer].(*directive.Set), list), nil
}

// module writes files and returns their directory. A go.mod is added unless given.
func module(t *testing.T, files map[string]string) string {
	t.Helper()
	t.Setenv("GOWORK", "")
	t.Setenv("GOFLAGS", "")
	dir, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	if _, ok := files["go.mod"]; !ok {
		if _, ok := files["go.work"]; !ok {
			files["go.mod"] = "module m\n\ngo 1.26\n"
		}
	}
	for name, src := range files {
		name = filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(name), 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, []byte(src), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// runIn runs the check with a gate that os opens; the answer is the findings and
// the problems, in lines relative to the directory.
func runIn(dir string, cfg Config) (findings, problems []string, res *Result) {
	cfg.Dir, cfg.Checks = dir, []*analysis.Analyzer{harm}
	if cfg.Opens == nil {
		cfg.Opens = func(path string) bool { return path == "os" }
	}
	if cfg.Patterns == nil {
		cfg.Patterns = []string{"./..."}
	}
	report.Tests = cfg.Tests
	defer func() { report.Tests = false }()
	res = Run(cfg)
	for _, f := range res.Findings {
		p := res.Fset.Position(f.Pos)
		findings = append(findings, strings.TrimPrefix(fmt.Sprintf("%s:%d: %s", p.Filename, p.Line, f.Message), dir+"/"))
	}
	for _, p := range res.Problems {
		problems = append(problems, strings.TrimPrefix(p.String(), dir+"/"))
	}
	return findings, problems, res
}

// want compares lines.
func want(t *testing.T, what string, got, want []string) {
	t.Helper()
	if !slices.Equal(got, want) {
		t.Errorf("%s:\n  got  %q\n  want %q", what, got, want)
	}
}

const (
	remover = "package store\n\nimport \"os\"\n\nfunc Drop(s string) error { return os.Remove(s) }\n"
	worker  = "package worker\n\nimport \"m/store\"\n\nfunc Work() error { return store.Drop(\"x\") }\n"
)

func TestFactsFlowInsideTheModule(t *testing.T) {
	dir := module(t, map[string]string{"store/store.go": remover, "worker/worker.go": worker})
	findings, problems, _ := runIn(dir, Config{})
	want(t, "findings", findings, []string{"store/store.go:5: calls os.Remove", "worker/worker.go:5: calls m/store.Drop"})
	want(t, "problems", problems, nil)

	// One package asked for: the others give facts and are not reported.
	findings, problems, _ = runIn(dir, Config{Patterns: []string{"./worker"}})
	want(t, "findings in ./worker", findings, []string{"worker/worker.go:5: calls m/store.Drop"})
	want(t, "problems in ./worker", problems, nil)
}

func TestGate(t *testing.T) {
	dir := module(t, map[string]string{
		"store/store.go":   remover,
		"plain/plain.go":   "package plain\n",
		"marked/marked.go": "package marked\n\n//idemlint:receive\nfunc Next() string { return \"\" }\n",
	})
	for _, c := range []struct {
		name  string
		opens func(string) bool
		want  string
	}{
		{"nothing opens it: only what has a directive is analysed", func(string) bool { return false }, "m/marked"},
		{"os opens it for those that reach os", func(p string) bool { return p == "os" }, "m/marked m/store"},
	} {
		_, problems, res := runIn(dir, Config{Opens: c.opens})
		var analysed []string
		for _, p := range res.Packages {
			if p.Analysed {
				analysed = append(analysed, p.Path)
			}
		}
		if got := strings.Join(analysed, " "); got != c.want || len(res.Packages) != 3 || len(problems) > 0 {
			t.Errorf("%s: analysed %q of %d with problems %q, want %q of 3", c.name, got, len(res.Packages), problems, c.want)
		}
	}
}

func TestTestFiles(t *testing.T) {
	dir := module(t, map[string]string{
		"store/store.go":    remover,
		"store/in_test.go":  "package store\n\nimport (\"os\"; \"testing\")\n\nfunc TestIn(t *testing.T) { os.Remove(\"a\") }\n",
		"store/ex_test.go":  "package store_test\n\nimport (\"m/store\"; \"testing\")\n\nfunc TestEx(t *testing.T) { store.Drop(\"a\") }\n",
		"only/only_test.go": "package only\n\nimport (\"os\"; \"testing\")\n\nfunc TestOnly(t *testing.T) { os.Remove(\"a\") }\n",
	})
	findings, problems, _ := runIn(dir, Config{})
	want(t, "findings", findings, []string{"store/store.go:5: calls os.Remove"})
	want(t, "problems", problems, nil)
	findings, problems, _ = runIn(dir, Config{Tests: true})
	want(t, "findings with tests", findings, []string{
		"only/only_test.go:5: calls os.Remove", "store/ex_test.go:5: calls m/store.Drop",
		"store/in_test.go:5: calls os.Remove", "store/store.go:5: calls os.Remove",
	})
	want(t, "problems with tests", problems, nil)
}

func TestBrokenPackageStopsNoOther(t *testing.T) {
	dir := module(t, map[string]string{
		"store/store.go":   remover,
		"broken/broken.go": "package broken\n\nimport \"os\"\n\nfunc B() { os.Remove(1) }\n\nfunc C() int { return \"x\" }\n",
		"user/user.go":     "package user\n\nimport (\"m/broken\"; \"os\")\n\nfunc U() { broken.B(); os.Remove(\"a\") }\n",
	})
	findings, problems, _ := runIn(dir, Config{})
	want(t, "findings", findings, []string{"store/store.go:5: calls os.Remove", "user/user.go:5: calls os.Remove"})
	want(t, "problems", problems, []string{
		"broken/broken.go:5:22: cannot use 1 (untyped int constant) as string value in argument to os.Remove (package m/broken does not compile and was not analysed)",
	})
	// It is told about also where nothing opens the gate, and where it is only imported.
	for _, cfg := range []Config{{Opens: func(string) bool { return false }}, {Patterns: []string{"./user"}}} {
		if _, again, _ := runIn(dir, cfg); !slices.Equal(again, problems) {
			t.Errorf("problems %q, want %q", again, problems)
		}
	}
}

func TestPanicIsOneLine(t *testing.T) {
	dir := module(t, map[string]string{
		"store/store.go":   remover,
		"panics/panics.go": "package panics\n\nimport \"os\"\n\nvar X = os.Args\n",
	})
	findings, problems, _ := runIn(dir, Config{})
	want(t, "findings", findings, []string{"store/store.go:5: calls os.Remove"})
	want(t, "problems", problems, []string{"package m/panics: internal error in harm: boom (the package was not analysed by it: please report this)"})
}

func TestDirectiveProblems(t *testing.T) {
	dir := module(t, map[string]string{
		"a.go":      "package m\n\n//idemlint:ingore etag why\nvar X int\n",
		"a_test.go": "package m\n\n//idemlint:ingore etag why\nvar Y int\n",
	})
	_, problems, _ := runIn(dir, Config{})
	if len(problems) != 1 || !strings.HasPrefix(problems[0], "a.go:3:1: //idemlint:ingore is no directive") {
		t.Errorf("problems %q, want one at a.go:3:1", problems)
	}
	if _, problems, _ = runIn(dir, Config{Tests: true}); len(problems) != 2 {
		t.Errorf("with tests: problems %q, want two", problems)
	}
}

func TestWorkspace(t *testing.T) {
	files := map[string]string{
		"go.work":          "go 1.26\n\nuse (\n\t./store\n\t./worker\n)\n",
		"store/go.mod":     "module m/store\n\ngo 1.26\n",
		"store/store.go":   remover,
		"worker/go.mod":    "module worker\n\ngo 1.26\n",
		"worker/worker.go": worker,
	}
	// Facts flow between the modules of a workspace.
	dir := module(t, files)
	findings, problems, _ := runIn(dir, Config{Patterns: []string{"./worker/..."}})
	want(t, "findings", findings, []string{"worker/worker.go:5: calls m/store.Drop"})
	want(t, "problems", problems, nil)
	findings, _, _ = runIn(dir, Config{Patterns: []string{"./worker/...", "./store/..."}})
	want(t, "findings of both", findings, []string{"store/store.go:5: calls os.Remove", "worker/worker.go:5: calls m/store.Drop"})
}

func TestVendoring(t *testing.T) {
	dir := module(t, map[string]string{
		"go.mod":                      "module m\n\ngo 1.26\n\nrequire example.com/dep v1.0.0\n",
		"vendor/modules.txt":          "# example.com/dep v1.0.0\n## explicit; go 1.26\nexample.com/dep\n",
		"vendor/example.com/dep/d.go": "package dep\n\nimport \"os\"\n\nfunc D() { os.Remove(\"d\") }\n",
		"a.go":                        "package m\n\nimport (\"example.com/dep\"; \"os\")\n\nfunc A() { dep.D(); os.Remove(\"a\") }\n",
	})
	// A dependency contributes no facts and is not reported.
	for _, flags := range []string{"", "-mod=vendor"} {
		t.Setenv("GOFLAGS", flags)
		findings, problems, _ := runIn(dir, Config{})
		want(t, "findings", findings, []string{"a.go:5: calls os.Remove"})
		want(t, "problems", problems, nil)
	}
}

func TestTags(t *testing.T) {
	dir := module(t, map[string]string{
		"a.go": "package m\n",
		"b.go": "//go:build special\n\npackage m\n\nimport \"os\"\n\nfunc B() { os.Remove(\"b\") }\n",
	})
	findings, _, _ := runIn(dir, Config{})
	want(t, "findings", findings, nil)
	findings, _, _ = runIn(dir, Config{Tags: "special"})
	want(t, "findings with the tag", findings, []string{"b.go:7: calls os.Remove"})
	t.Setenv("GOFLAGS", "-tags=special")
	findings, _, _ = runIn(dir, Config{})
	want(t, "findings with the tag in GOFLAGS", findings, []string{"b.go:7: calls os.Remove"})
}

func TestSameEveryRun(t *testing.T) {
	files := map[string]string{"store/store.go": remover}
	for i := range 20 {
		name := fmt.Sprintf("w%02d", i)
		files[name+"/w.go"] = strings.Replace(worker, "package worker", "package "+name, 1)
	}
	dir := module(t, files)
	first, _, _ := runIn(dir, Config{})
	for range 5 {
		if again, _, _ := runIn(dir, Config{}); !slices.Equal(again, first) {
			t.Fatalf("got %q, and before %q", again, first)
		}
	}
	if len(first) != 21 || !slices.IsSorted(first) {
		t.Errorf("findings %q, want 21 in order", first)
	}
}
