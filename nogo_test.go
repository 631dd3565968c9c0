package idemlint_test

import (
	"bytes"
	"encoding/gob"
	"encoding/json"
	"errors"
	"fmt"
	"go/ast"
	"go/importer"
	"go/parser"
	"go/token"
	"go/types"
	"io"
	"os"
	"path/filepath"
	"reflect"
	"runtime"
	"slices"
	"strings"
	"testing"

	"golang.org/x/tools/go/analysis"

	"github.com/idemlint/idemlint/analyzer"
)

// TestNogo: the analyzers find the same with no more than Bazel's nogo gives them.
// (TestEveryDriver always asks it of a handful.)
func TestNogo(t *testing.T) {
	if !long() {
		t.Skip("the whole corpus takes a minute; set IDEMLINT_LONG")
	}
	want, err := standalone()
	if err != nil {
		t.Fatal(err)
	}
	got := nogoCorpus(t)
	for _, f := range without(want, got) {
		t.Errorf("nogo does not find %v", f)
	}
	for _, f := range without(got, want) {
		t.Errorf("nogo finds also %v", f)
	}
	if len(want) < 40 {
		t.Errorf("only %d findings were compared", len(want))
	}
}

func nogoCorpus(t *testing.T) []found {
	t.Helper()
	plain := nogo(t, "./...")
	strict := analyzer.Checks()[0].Analyzer.Flags
	if err := strict.Set("strict", "true"); err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := strict.Set("strict", "false"); err != nil {
			t.Error(err)
		}
	}()
	return merge(plain, nogo(t, "./"+strictFolder+"/..."))
}

// listed is a package as the go command lists it.
type listed struct {
	ImportPath, Dir, Export string
	GoFiles                 []string
	Module                  *struct{ Main bool }
	ImportMap               map[string]string
}

// nogo runs the analyzers as the program does that rules_go makes (nogo_main.go, read
// at v0.50.1): each package of the repository from source, all that it imports from
// export data, dependencies first, facts as bytes in between; no module, no way to read
// files, no versions of files, no flags set. External repositories are not analysed.
func nogo(t *testing.T, patterns ...string) (list []found) {
	t.Helper()
	stdout, stderr, code, err := call(corpus, nil, "go", append([]string{"list", "-export", "-deps", "-json=ImportPath,Dir,Export,GoFiles,Module,ImportMap"}, patterns...)...)
	if err != nil || code != 0 {
		t.Fatalf("go list: %v\n%s", err, stderr)
	}
	exports := map[string]string{}
	n := &nogoRun{t: t, fset: token.NewFileSet(), facts: map[string][]byte{}}
	n.imports = importer.ForCompiler(n.fset, "gc", func(path string) (io.ReadCloser, error) {
		if exports[path] == "" {
			return nil, fmt.Errorf("%s was not compiled", path)
		}
		return os.Open(exports[path])
	})
	for dec := json.NewDecoder(strings.NewReader(stdout)); ; {
		var p listed
		if err := dec.Decode(&p); errors.Is(err, io.EOF) {
			return list
		} else if err != nil {
			t.Fatal(err)
		}
		exports[p.ImportPath] = p.Export
		if p.Module != nil && p.Module.Main && len(p.GoFiles) > 0 {
			for _, d := range n.check(p) {
				at := n.fset.Position(d.Pos)
				list = append(list, found{relative(t, at.Filename), at.Line, at.Column, d.Message})
			}
		}
	}
}

type nogoRun struct {
	t       *testing.T
	fset    *token.FileSet
	imports types.Importer
	facts   map[string][]byte // by package, all in one gob: those of its imports, too
}

// storedFact is a fact as it travels.
type storedFact struct {
	Pkg  string
	Fact analysis.Fact
}

// check analyses one package.
func (n *nogoRun) check(p listed) (diagnostics []analysis.Diagnostic) {
	n.t.Helper()
	var files []*ast.File
	for _, name := range p.GoFiles {
		f, err := parser.ParseFile(n.fset, filepath.Join(p.Dir, name), nil, parser.ParseComments)
		if err != nil {
			n.t.Fatal(err)
		}
		files = append(files, f)
	}
	info := &types.Info{
		Types: map[ast.Expr]types.TypeAndValue{}, Uses: map[*ast.Ident]types.Object{}, Defs: map[*ast.Ident]types.Object{},
		Implicits: map[ast.Node]types.Object{}, Scopes: map[ast.Node]*types.Scope{},
		Selections: map[*ast.SelectorExpr]*types.Selection{}, Instances: map[*ast.Ident]types.Instance{},
	}
	config := types.Config{Importer: n.imports}
	pkg, err := config.Check(p.ImportPath, n.fset, files, info)
	if err != nil {
		n.t.Fatal(err)
	}

	var stored []storedFact
	for _, i := range pkg.Imports() {
		if data := n.facts[i.Path()]; data != nil {
			var more []storedFact
			if err := gob.NewDecoder(bytes.NewReader(data)).Decode(&more); err != nil {
				n.t.Fatalf("facts of %s: %v", i.Path(), err)
			}
			stored = append(stored, more...)
		}
	}
	results := map[*analysis.Analyzer]any{}
	var run func(a *analysis.Analyzer)
	run = func(a *analysis.Analyzer) {
		if _, done := results[a]; done {
			return
		}
		for _, f := range a.FactTypes {
			gob.Register(f)
		}
		inputs := map[*analysis.Analyzer]any{}
		for _, r := range a.Requires {
			run(r)
			inputs[r] = results[r]
		}
		result, err := a.Run(&analysis.Pass{
			Analyzer: a, Fset: n.fset, Files: files, Pkg: pkg, TypesInfo: info, ResultOf: inputs,
			TypesSizes: types.SizesFor("gc", runtime.GOARCH),
			Report:     func(d analysis.Diagnostic) { diagnostics = append(diagnostics, d) },
			ImportPackageFact: func(of *types.Package, f analysis.Fact) bool {
				for _, s := range stored {
					if s.Pkg == of.Path() && reflect.TypeOf(s.Fact) == reflect.TypeOf(f) {
						reflect.ValueOf(f).Elem().Set(reflect.ValueOf(s.Fact).Elem())
						return true
					}
				}
				return false
			},
			ExportPackageFact: func(f analysis.Fact) { stored = append(stored, storedFact{p.ImportPath, f}) },
		})
		if err != nil {
			n.t.Fatalf("%s of %s: %v", a.Name, p.ImportPath, err)
		}
		if reflect.TypeOf(result) != a.ResultType {
			n.t.Errorf("%s returns a %T", a.Name, result)
		}
		results[a] = result
	}
	for _, a := range analyzer.Analyzers() {
		run(a)
	}
	var data bytes.Buffer
	if err := gob.NewEncoder(&data).Encode(stored); err != nil {
		n.t.Fatalf("facts of %s: %v", p.ImportPath, err)
	}
	n.facts[p.ImportPath] = data.Bytes()
	return diagnostics
}

// TestAnalyzerOfEachPass: nogo takes from each package a variable named Analyzer, and
// the target of a check is found by its name.
func TestAnalyzerOfEachPass(t *testing.T) {
	if err := analysis.Validate(append(analyzer.Analyzers(), analyzer.Directives())); err != nil {
		t.Error(err)
	}
	var names []string
	for _, a := range analyzer.Analyzers() {
		names = append(names, a.Name)
	}
	folders, err := filepath.Glob("passes/*")
	if err != nil || len(folders) <= len(names) {
		t.Fatalf("folders %q (%v)", folders, err)
	}
	for _, dir := range folders {
		if name := filepath.Base(dir); name != "window" && !slices.Contains(names, name) {
			t.Errorf("%s is no check of the suite", dir)
		}
		files, err := filepath.Glob(dir + "/*.go")
		if err != nil {
			t.Fatal(err)
		}
		exported := slices.ContainsFunc(files, func(name string) bool {
			f, err := parser.ParseFile(token.NewFileSet(), name, nil, 0)
			if err != nil {
				t.Fatal(err)
			}
			return slices.ContainsFunc(f.Decls, declaresAnalyzer)
		})
		if !exported {
			t.Errorf("%s exports no Analyzer", dir)
		}
	}
}

func declaresAnalyzer(d ast.Decl) bool {
	g, ok := d.(*ast.GenDecl)
	if !ok || g.Tok != token.VAR {
		return false
	}
	return slices.ContainsFunc(g.Specs, func(s ast.Spec) bool { return s.(*ast.ValueSpec).Names[0].Name == "Analyzer" })
}

// TestNothingIsRead: nothing that an analyzer is made of can open a file, start a
// program or reach the network: a sandbox would not let it, and a cache not notice.
func TestNothingIsRead(t *testing.T) {
	const format = `{{with .Module}}{{if .Main}}{{$.ImportPath}}:{{range $.Imports}} {{.}}{{end}}{{end}}{{end}}`
	stdout, stderr, code, err := call(".", []string{"GOWORK=off"}, "go", "list", "-deps", "-f", format, "./analyzer")
	if err != nil || code != 0 {
		t.Fatalf("go list: %v\n%s", err, stderr)
	}
	seen := 0
	for line := range strings.Lines(stdout) {
		pkg, imports, _ := strings.Cut(strings.TrimSpace(line), ": ")
		seen++
		for _, i := range strings.Fields(imports) {
			if slices.Contains([]string{"os", "os/exec", "io/ioutil", "net", "net/http", "syscall", "plugin"}, i) {
				t.Errorf("%s imports %s", pkg, i)
			}
		}
	}
	if seen < 10 {
		t.Errorf("only %d packages were looked at", seen)
	}
}

// TestBazelPage: what the page shows can be pasted.
func TestBazelPage(t *testing.T) {
	text, err := os.ReadFile("docs/integrations/bazel.md")
	if err != nil {
		t.Fatal(err)
	}
	const label = `"@com_github_idemlint_idemlint//passes/`
	var deps, names []string
	flags := map[string]*analysis.Analyzer{}
	for line := range strings.Lines(string(text)) {
		if name, ok := strings.CutPrefix(strings.TrimSpace(line), label); ok {
			deps = append(deps, strings.TrimSuffix(name, `",`))
		}
	}
	for _, a := range analyzer.Analyzers() {
		names = append(names, a.Name)
		flags[a.Name] = a
	}
	if !slices.Equal(deps, names) {
		t.Errorf("docs/integrations/bazel.md lists %q, and the checks are %q: add what is new", deps, names)
	}
	_, config, _ := strings.Cut(string(text), "```json\n")
	config, _, _ = strings.Cut(config, "```")
	var entries map[string]struct {
		ExcludeFiles  map[string]string `json:"exclude_files"`
		AnalyzerFlags map[string]string `json:"analyzer_flags"`
	}
	dec := json.NewDecoder(strings.NewReader(config))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&entries); err != nil || len(entries) < 2 {
		t.Fatalf("nogo.json has %d entries (%v)", len(entries), err)
	}
	for name, e := range entries {
		if name != "_base" && flags[name] == nil {
			t.Errorf("nogo.json speaks of %s, and there is no such check", name)
		}
		for f, v := range e.AnalyzerFlags {
			if x := flags[name].Flags.Lookup(f); x == nil || x.DefValue != v {
				t.Errorf("nogo.json sets %s of %s to %s: not its default", f, name, v)
			}
		}
	}
}
