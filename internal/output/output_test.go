package output

import (
	"bytes"
	"go/token"
	"testing"

	"golang.org/x/tools/go/analysis"

	"github.com/idemlint/idemlint/internal/finding"
)

// sample is a finding in /m/w/worker.go.
func sample() (*token.FileSet, finding.Finding) {
	fset := token.NewFileSet()
	f := fset.AddFile("/m/w/worker.go", -1, 1000)
	for line := range 99 {
		f.AddLine(10 * (line + 1))
	}
	at := func(line, col int) token.Pos { return f.LineStart(line) + token.Pos(col-1) }
	return fset, finding.Finding{
		Check: "etag", Pos: at(12, 3), End: at(12, 8), ID: "0123456789abcdef",
		Message:  "writes <state> without the ETag\nof the read",
		Related:  []finding.Related{{Pos: at(9, 1), Message: "received here"}, {Pos: at(11, 3), Message: "read here"}},
		Schedule: []string{"GET 1 answered (B): worker 1 has the message", "both write"},
		Fixes:    []analysis.SuggestedFix{{Message: "pass the ETag", TextEdits: []analysis.TextEdit{{Pos: at(12, 5), End: at(12, 6), NewText: []byte("x")}}}},
	}
}

func TestText(t *testing.T) {
	fset, f := sample()
	var buf bytes.Buffer
	if err := (&Writer{Out: &buf, Fset: fset, Dir: "/m", Format: Text}).Report(Report{Findings: []finding.Finding{f}}); err != nil {
		t.Fatal(err)
	}
	const want = `w/worker.go:12:3: writes <state> without the ETag of the read (etag)
    w/worker.go:9:1: received here
    w/worker.go:11:3: read here
     1. GET 1 answered (B): worker 1 has the message
     2. both write
`
	if buf.String() != want {
		t.Errorf("got\n%swant\n%s", buf.String(), want)
	}
}

func TestJSON(t *testing.T) {
	fset, f := sample()
	var buf bytes.Buffer
	w := &Writer{Out: &buf, Fset: fset, Dir: "/m", Format: JSON}
	if err := w.Report(Report{Findings: []finding.Finding{f, {Check: "visibility", Pos: f.Pos, Message: "m"}}}); err != nil {
		t.Fatal(err)
	}
	const want = `{"code":"etag","severity":"warning","message":"writes <state> without the ETag of the read",` +
		`"location":{"file":"w/worker.go","line":12,"column":3},"end":{"file":"w/worker.go","line":12,"column":8},` +
		`"related":[{"location":{"file":"w/worker.go","line":9,"column":1},"message":"received here"},{"location":{"file":"w/worker.go","line":11,"column":3},"message":"read here"}],` +
		`"schedule":["GET 1 answered (B): worker 1 has the message","both write"],` +
		`"fixes":[{"message":"pass the ETag","edits":[{"location":{"file":"w/worker.go","line":12,"column":5},"end":{"file":"w/worker.go","line":12,"column":6},"new":"x"}]}],` +
		`"id":"0123456789abcdef"}
{"code":"visibility","severity":"warning","message":"m","location":{"file":"w/worker.go","line":12,"column":3},"end":{"file":"w/worker.go","line":12,"column":3},"related":[],"schedule":[],"fixes":[],"id":""}
`
	if buf.String() != want {
		t.Errorf("got\n%swant\n%s", buf.String(), want)
	}
}

func TestColor(t *testing.T) {
	fset, f := sample()
	f.Related, f.Schedule = nil, nil
	var buf bytes.Buffer
	if err := (&Writer{Out: &buf, Fset: fset, Dir: "/m", Format: Text, Color: true}).Report(Report{Findings: []finding.Finding{f}}); err != nil {
		t.Fatal(err)
	}
	const want = "\x1b[1mw/worker.go:12:3\x1b[0m: writes <state> without the ETag of the read \x1b[31m(etag)\x1b[0m\n"
	if buf.String() != want {
		t.Errorf("got %q, want %q", buf.String(), want)
	}
	t.Setenv("TERM", "xterm")
	t.Setenv("NO_COLOR", "")
	if !Colored(true) || Colored(false) {
		t.Error("a terminal is coloured, a pipe is not")
	}
	t.Setenv("NO_COLOR", "1")
	if Colored(true) {
		t.Error("NO_COLOR is not honoured")
	}
}

func TestRelative(t *testing.T) {
	for _, c := range []struct{ dir, file, want string }{
		{"/m", "/m/a.go", "a.go"},
		{"/modules/m/w", "/modules/m/a.go", "../a.go"},
		{"/very/long/way/down", "/m/a.go", "/m/a.go"}, // the shorter name, as go vet
		{"/m", "./a.go", "a.go"},
		{"/m", "", ""},
	} {
		if got := Relative(c.dir, c.file); got != c.want {
			t.Errorf("Relative(%q, %q) = %q, want %q", c.dir, c.file, got, c.want)
		}
	}
}

func TestCoverage(t *testing.T) {
	fset, f := sample()
	packages := []Package{
		{Path: "m/w", Analysed: true, Coverage: finding.Coverage{Windows: []finding.Window{{
			Pos: f.Pos, Function: "work", System: "Azure Queue Storage", Settle: "call", Lease: "30s (default)", Effects: 2,
			Unresolved: []finding.Unresolved{{Pos: f.End, Callee: "plugin.Do", Why: "a function value"}},
		}}}},
		{Path: "m/x"},
	}
	for format, want := range map[string]string{
		Text: `w/worker.go:12:3: window in work: Azure Queue Storage, settled: call, lease: 30s (default), 2 effects, 1 unresolved call
    w/worker.go:12:8: plugin.Do: a function value
coverage: 2 packages, 1 analysed, 1 window, 2 effects, 1 unresolved call
    1 package not analysed: no modelled SDK and no directive within reach, or not compiled
`,
		JSON: `{"kind":"window","package":"m/w","function":"work","location":{"file":"w/worker.go","line":12,"column":3},"system":"Azure Queue Storage","settle":"call","lease":"30s (default)","effects":2,"unresolved":[{"location":{"file":"w/worker.go","line":12,"column":8},"callee":"plugin.Do","why":"a function value"}]}
{"kind":"total","packages":2,"analysed":1,"windows":1,"effects":2,"unresolved":1}
`,
	} {
		var buf bytes.Buffer
		if err := (&Writer{Out: &buf, Fset: fset, Dir: "/m", Format: format}).Report(Report{Packages: packages, WithCoverage: true}); err != nil {
			t.Fatal(err)
		}
		if buf.String() != want {
			t.Errorf("got\n%swant\n%s", buf.String(), want)
		}
	}
}
