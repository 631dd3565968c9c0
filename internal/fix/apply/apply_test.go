package apply

import (
	"go/token"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/tools/go/analysis"

	"github.com/idemlint/idemlint/internal/finding"
)

// world is a folder of files that were analysed.
type world struct {
	*testing.T
	dir  string
	fset *token.FileSet
	file map[string]*token.File
}

func analysed(t *testing.T, files map[string]string) *world {
	dir, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	w := &world{t, dir, token.NewFileSet(), map[string]*token.File{}}
	for name, src := range files {
		full := filepath.Join(dir, name)
		if err := os.WriteFile(full, []byte(src), 0o640); err != nil {
			t.Fatal(err)
		}
		w.file[name] = w.fset.AddFile(full, -1, len(src))
		w.file[name].SetLinesForContent([]byte(src))
	}
	return w
}

// finding is one with a fix that puts texts in the place of others: file, old, new.
func (w *world) finding(edits ...string) finding.Finding {
	var fix analysis.SuggestedFix
	for i := 0; i < len(edits); i += 3 {
		f := w.file[edits[i]]
		at := strings.Index(w.read(edits[i]), edits[i+1])
		if at < 0 {
			w.Fatalf("%q is not in %s", edits[i+1], edits[i])
		}
		fix.TextEdits = append(fix.TextEdits, analysis.TextEdit{Pos: f.Pos(at), End: f.Pos(at + len(edits[i+1])), NewText: []byte(edits[i+2])})
	}
	return finding.Finding{Fixes: []analysis.SuggestedFix{fix}}
}

func (w *world) read(name string) string {
	src, err := os.ReadFile(filepath.Join(w.dir, name))
	if err != nil {
		w.Fatal(err)
	}
	return string(src)
}

// before is an insertion before a text.
func (w *world) before(name, at, text string) finding.Finding {
	f := w.finding(name, at, text)
	f.Fixes[0].TextEdits[0].End = f.Fixes[0].TextEdits[0].Pos
	return f
}

const source = "package a\n\nvar x = one(two)\n"

func TestOverlap(t *testing.T) {
	w := analysed(t, map[string]string{"a.go": source})
	for _, c := range []struct {
		name          string
		findings      []finding.Finding
		applied, left int
		want          string
	}{
		{"nothing to fix", []finding.Finding{{}}, 0, 0, ""},
		{"beside each other", []finding.Finding{w.finding("a.go", "two", "2"), w.finding("a.go", "one", "1")}, 2, 0, "package a\n\nvar x = 1(2)\n"},
		{"one in the other", []finding.Finding{w.finding("a.go", "two", "2"), w.finding("a.go", "one(two)", "3")}, 1, 1, "package a\n\nvar x = one(2)\n"},
		{"the same place", []finding.Finding{w.finding("a.go", "two", "2"), w.finding("a.go", "two", "2")}, 1, 1, "package a\n\nvar x = one(2)\n"},
		{"the same insertion", []finding.Finding{w.before("a.go", "two", "2, "), w.before("a.go", "two", "2, ")}, 2, 0, "package a\n\nvar x = one(2, two)\n"},
		{"two insertions at one place", []finding.Finding{w.before("a.go", "two", "2, "), w.before("a.go", "two", "3, ")}, 1, 1, "package a\n\nvar x = one(2, two)\n"},
		{"an insertion before what is replaced", []finding.Finding{w.finding("a.go", "two", "2"), w.before("a.go", "two", "3, ")}, 1, 1, "package a\n\nvar x = one(2)\n"},
		{"the order of findings decides", []finding.Finding{w.finding("a.go", "one(two)", "3"), w.finding("a.go", "two", "2")}, 1, 1, "package a\n\nvar x = 3\n"},
		{"formatted", []finding.Finding{w.finding("a.go", "one(two)", "1+  2")}, 1, 0, "package a\n\nvar x = 1 + 2\n"},
	} {
		p := Make(w.fset, c.findings)
		got := ""
		if len(p.Changes) == 1 {
			got = string(p.Changes[0].New)
		}
		if p.Err != nil || p.Applied != c.applied || p.Left != c.left || got != c.want {
			t.Errorf("%s: %v, %d applied, %d left, %q", c.name, p.Err, p.Applied, p.Left, got)
		}
	}
	if w.read("a.go") != source {
		t.Error("a plan changed the file")
	}
}

func TestNothingHalf(t *testing.T) {
	w := analysed(t, map[string]string{"a.go": source, "b.go": source})
	both := w.finding("a.go", "two", "2", "b.go", "two", "2")

	if p := Make(w.fset, []finding.Finding{w.finding("a.go", "two", "2"), w.finding("b.go", "two", ")")}); p.Err == nil || len(p.Changes) > 0 || p.Applied > 0 {
		t.Errorf("a fix that is no Go: %+v", p)
	}

	p := Make(w.fset, []finding.Finding{both})
	if len(p.Changes) != 2 || p.Applied != 1 {
		t.Fatalf("%+v", p)
	}
	broken := p
	broken.Changes = append(append([]Change{}, p.Changes...), Change{File: filepath.Join(w.dir, "gone", "c.go")})
	if err := broken.Write(); err == nil || w.read("a.go") != source || w.read("b.go") != source {
		t.Errorf("a file that cannot be written: %v, %q", err, w.read("a.go"))
	}

	if err := p.Write(); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"a.go", "b.go"} {
		info, err := os.Stat(filepath.Join(w.dir, name))
		if err != nil || info.Mode().Perm() != 0o640 {
			t.Errorf("%s: %v, %v", name, info.Mode(), err)
		}
		if got := w.read(name); got != "package a\n\nvar x = one(2)\n" {
			t.Errorf("%s: %q", name, got)
		}
	}
	if p := Make(w.fset, []finding.Finding{both}); p.Err == nil || !strings.Contains(p.Err.Error(), "has changed") {
		t.Errorf("a file that changed: %v", p.Err)
	}
	if err := p.Undo(); err != nil || w.read("a.go") != source || w.read("b.go") != source {
		t.Errorf("taken back: %v, %q", err, w.read("a.go"))
	}
	left, err := os.ReadDir(w.dir)
	if err != nil || len(left) != 2 {
		t.Errorf("files left behind: %v", left)
	}
}

func TestLink(t *testing.T) {
	w := analysed(t, map[string]string{"real.go": source})
	link := filepath.Join(w.dir, "link.go")
	if err := os.Symlink("real.go", link); err != nil {
		t.Skip(err)
	}
	p := Plan{Changes: []Change{{File: link, Old: []byte(source), New: []byte("package b\n")}}}
	if err := p.Write(); err != nil {
		t.Fatal(err)
	}
	if to, err := os.Readlink(link); err != nil || to != "real.go" || w.read("real.go") != "package b\n" {
		t.Errorf("the link leads to %q, %v", to, err)
	}
}

func TestTidy(t *testing.T) {
	const old = "package a\n\nimport (\n\t\"fmt\"\n\t\"os\"\n\n\t\"example.com/go-names/v2\"\n\t_ \"example.com/side\"\n)\n\nvar x = fmt.Sprint(os.Args, names.New())\n"
	for _, c := range []struct{ name, from, to, want string }{
		{"one import less", "os.Args, names.New()", "names.New()", "package a\n\nimport (\n\t\"fmt\"\n\n\t\"example.com/go-names/v2\"\n\t_ \"example.com/side\"\n)\n\nvar x = fmt.Sprint(names.New())\n"},
		{"a version and a prefix in the path", ", names.New()", "", "package a\n\nimport (\n\t\"fmt\"\n\t\"os\"\n\n\t_ \"example.com/side\"\n)\n\nvar x = fmt.Sprint(os.Args)\n"},
		{"still used", "names.New()", "1", "package a\n\nimport (\n\t\"fmt\"\n\t\"os\"\n\n\t_ \"example.com/side\"\n)\n\nvar x = fmt.Sprint(os.Args, 1)\n"},
	} {
		got, err := Tidy([]byte(strings.Replace(old, c.from, c.to, 1)), []byte(old))
		if err != nil || string(got) != c.want {
			t.Errorf("%s: %v\n%s", c.name, err, got)
		}
	}
}
