package plugin

import (
	"flag"
	"go/token"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/golangci/plugin-module-register/register"
	"golang.org/x/tools/go/analysis"

	"github.com/idemlint/idemlint/analyzer"
	"github.com/idemlint/idemlint/internal/finding"
	"github.com/idemlint/idemlint/internal/report"
)

// build makes the plugin as golangci-lint does.
func build(t *testing.T, settings any) ([]string, error) {
	t.Helper()
	t.Cleanup(func() {
		if err := (Settings{}).apply(); err != nil {
			t.Error(err)
		}
	})
	make, err := register.GetPlugin("idemlint")
	if err != nil {
		t.Fatal(err)
	}
	p, err := make(settings)
	if err != nil {
		return nil, err
	}
	if p.GetLoadMode() != register.LoadModeTypesInfo {
		t.Errorf("load mode %q", p.GetLoadMode())
	}
	list, err := p.BuildAnalyzers()
	if err != nil {
		return nil, err
	}
	if err := analysis.Validate(list); err != nil {
		t.Error(err)
	}
	var names []string
	for _, a := range list {
		names = append(names, a.Name)
	}
	return names, nil
}

type m = map[string]any

func TestChecks(t *testing.T) {
	var all []string
	for _, a := range analyzer.Analyzers() {
		all = append(all, a.Name)
	}
	but := func(name string) []string {
		return slices.DeleteFunc(slices.Clone(all), func(s string) bool { return s == name })
	}
	for _, c := range []struct {
		settings any
		want     []string
	}{
		{nil, all},
		{m{}, all},
		{m{"checks": []any{}}, all},
		{m{"checks": []any{"all"}}, all},
		{m{"checks": []any{"visibility", "etag"}}, []string{"etag", "visibility"}},
		{m{"checks": []any{"-etag"}}, but("etag")},
		{m{"checks": []any{"all", "-etag"}}, but("etag")},
	} {
		got, err := build(t, c.settings)
		if want := append([]string{"directive"}, c.want...); err != nil || !slices.Equal(got, want) {
			t.Errorf("%v: %q (%v), want %q", c.settings, got, err, want)
		}
	}
}

func TestRefused(t *testing.T) {
	for _, c := range []struct {
		settings any
		want     string
	}{
		{m{"cheks": []any{"etag"}}, `unknown field "cheks"`},
		{m{"blobwrite": m{"stict": true}}, `unknown field "stict"`},
		{m{"etag": m{"strict": true}}, `unknown field "etag"`},
		{m{"checks": []any{"nope"}}, `checks: no such check "nope"; the checks are blobwrite, `},
		{m{"checks": []any{"-all"}}, "checks: chooses no check"},
		{m{"checks": "etag"}, "checks"},
		{m{"tests": "yes"}, "tests"},
	} {
		if got, err := build(t, c.settings); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%v: %q, error %v; want an error with %q", c.settings, got, err, c.want)
		}
	}
}

func TestOptions(t *testing.T) {
	strict := func() string {
		for _, a := range analyzer.Analyzers() {
			if a.Name == "blobwrite" {
				return a.Flags.Lookup("strict").Value.String()
			}
		}
		return "no such check"
	}
	if _, err := build(t, m{"tests": true, "blobwrite": m{"strict": true}}); err != nil || strict() != "true" || !report.Tests {
		t.Errorf("error %v, strict %s, tests %v; want both true", err, strict(), report.Tests)
	}
	if _, err := build(t, nil); err != nil || strict() != "false" || report.Tests {
		t.Errorf("error %v, strict %s, tests %v; want both false", err, strict(), report.Tests)
	}
}

// TestEveryFlag: what a check can be told by a flag, the settings can say, too.
func TestEveryFlag(t *testing.T) {
	known := map[string]bool{"checks": true, "tests": true}
	for _, a := range analyzer.Analyzers() {
		options := Settings{}.flags(a.Name)
		n := 0
		a.Flags.VisitAll(func(f *flag.Flag) {
			n++
			if _, ok := options[f.Name]; !ok {
				t.Errorf("Settings has no key %s.%s", a.Name, f.Name)
			}
		})
		if n != len(options) {
			t.Errorf("%s has %d flags, and Settings knows %d", a.Name, n, len(options))
		}
		known[a.Name] = true
	}
	for f := range reflect.TypeFor[Settings]().Fields() {
		if !known[key(f)] {
			t.Errorf("Settings has the key %q, and there is no such check", key(f))
		}
	}
}

// TestDiagnostic: no related places, at most one fix, whole, and no path that is of
// this machine.
func TestDiagnostic(t *testing.T) {
	fset := token.NewFileSet()
	place := func(name string) token.Pos {
		f := fset.AddFile(name, -1, 100)
		f.SetLines([]int{0, 10, 20})
		return f.Pos(12)
	}
	worker, queue, store := place("/home/x/worker/worker.go"), place("/home/x/worker/queue.go"), place("/home/x/store/store.go")
	fix := func(message string, at ...token.Pos) analysis.SuggestedFix {
		x := analysis.SuggestedFix{Message: message}
		for _, p := range at {
			x.TextEdits = append(x.TextEdits, analysis.TextEdit{Pos: p, End: p, NewText: []byte("x")})
		}
		return x
	}
	f := finding.Finding{
		Check: "etag", Pos: worker, Message: "lost",
		Related: []finding.Related{
			{Pos: queue, Message: "received here"}, {Pos: store, Message: "written here"},
			{Message: "somewhere"},
		},
		Schedule: []string{"GET 1", "GET 2"},
		Fixes:    []analysis.SuggestedFix{fix("a", worker, worker), fix("b", worker)},
	}
	d := diagnostic(fset, f, "https://example.com")
	const want = "lost; where: queue.go:2 received here · store/store.go:2 written here · somewhere; schedule: GET 1 · GET 2 (etag)"
	if d.Message != want || len(d.Related) > 0 || d.Pos != worker || d.URL != "https://example.com" {
		t.Errorf("diagnostic %+v; want no related places and the message\n%s", d, want)
	}
	if len(d.SuggestedFixes) != 1 || d.SuggestedFixes[0].Message != "a" {
		t.Errorf("fixes %+v, want the first alone", d.SuggestedFixes)
	}
	f.Fixes = []analysis.SuggestedFix{fix("a", worker, store), fix("b", worker)}
	if d := diagnostic(fset, f, ""); len(d.SuggestedFixes) > 0 {
		t.Errorf("fixes %+v, want none: the first reaches into another file", d.SuggestedFixes)
	}
}
