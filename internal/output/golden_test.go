package output

import (
	"bytes"
	"flag"
	"go/token"
	"os"
	"path/filepath"
	"testing"

	"golang.org/x/tools/go/analysis"

	"github.com/idemlint/idemlint/internal/doc"
	"github.com/idemlint/idemlint/internal/finding"
)

var update = flag.Bool("update", false, "write what is there instead of comparing with it")

// golden compares with testdata/name, or writes it with -update.
func golden(t *testing.T, name string, got []byte) {
	t.Helper()
	name = filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(name, got, 0o666); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Errorf("%s is not what is written now (go test -update writes it); got\n%s", name, got)
	}
}

const source = `package w

// work counts.
func work(ctx context.Context) error {
	resp, err := queue.DequeueMessage(ctx, nil)
	if err != nil || len(resp.Messages) == 0 {
		return err // </td><script>alert("ü")</script>
	}
	got, err := blobs.DownloadStream(ctx, "für", "<b>", nil)
	/* 🐝 */ _, err = blobs.UploadBuffer(ctx, "für", "<b>", next(got), nil)
	return err
}

func other() {}
`

// onDisk is a repository with the source, and a report about it: one finding with
// everything that a finding can have, one with as little, one outside the repository.
func onDisk(t *testing.T) (*Writer, Report) {
	t.Helper()
	root, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	dir := filepath.Join(root, "m")
	for _, d := range []string{filepath.Join(root, ".git"), filepath.Join(dir, "a b")} {
		if err := os.MkdirAll(d, 0o777); err != nil {
			t.Fatal(err)
		}
	}
	file := filepath.Join(dir, "a b", "w%.go")
	if err := os.WriteFile(file, []byte(source), 0o666); err != nil {
		t.Fatal(err)
	}
	fset := token.NewFileSet()
	add := func(name, text string) func(line, col int) token.Pos {
		f := fset.AddFile(name, -1, len(text))
		f.SetLinesForContent([]byte(text))
		return func(line, col int) token.Pos { return f.LineStart(line) + token.Pos(col-1) }
	}
	at, away := add(file, source), add("/elsewhere/g.go", "package g\n\nvar X int\n")
	full := finding.Finding{
		Check: "etag", Pos: at(10, 31), End: at(10, 36), ID: "0123456789abcdef",
		Message: "writes <state>, 100% without the ETag\nof the read",
		Related: []finding.Related{
			{Pos: at(5, 21), Message: "the message is received here (Azure Queue Storage)"},
			{Pos: at(9, 18), Message: "read here: Azure Blob Storage DownloadStream"},
			{Pos: at(10, 31), Message: "written here: Azure Blob Storage UploadBuffer"},
		},
		Schedule: []string{
			"GET 1 answered (B): worker 1 has the message, hidden for 30s",
			"worker 1 reads version 1 (DownloadStream)",
			"the moon rises",
			"worker 1 writes what it made of version 1 (UploadBuffer): worker 2's change is lost",
			"or one after the other: DELETE 1 lost (C), or worker 1 crashes before it, and the change is made twice",
		},
		Fixes: []analysis.SuggestedFix{{Message: "pass the ETag", TextEdits: []analysis.TextEdit{
			{Pos: at(10, 31), End: at(10, 36), NewText: []byte("<x>")}, {Pos: at(11, 2), NewText: []byte("y")},
		}}},
	}
	w := &Writer{
		Fset: fset, Dir: dir, Root: Root(dir), Version: "v1.2.3",
		Checks: []doc.Check{
			{Name: "etag", Summary: "a read-modify-write without a precondition", Reports: "First.\n\nSecond.", Silent: "Much.", Schedule: []string{"one", "two"}, Mend: "Read & write."},
			{Name: "visibility", Summary: "work that outlasts the lease"},
		},
	}
	return w, Report{
		Findings: []finding.Finding{full, {Check: "visibility", Pos: at(14, 1), Message: "m"}, {Check: "unheard", Pos: away(3, 5), Message: "far"}},
		Packages: []Package{{Path: "m/w", Analysed: true, Coverage: finding.Coverage{Windows: []finding.Window{{
			Pos: at(5, 21), Function: "work", System: "Azure Queue Storage", Settle: "none seen", Lease: "30s (default)", Effects: 2,
			Unresolved: []finding.Unresolved{{Pos: at(10, 50), Callee: "next", Why: "a <function> value"}},
		}}}}},
		WithCoverage: true,
		Problems: []Problem{
			{Pos: token.Position{Filename: file, Line: 14, Column: 1}, Message: "undefined: x, 100%"},
			{Message: "go list failed: no"},
		},
	}
}

func TestGolden(t *testing.T) {
	for _, format := range []string{Text, JSON, SARIF, GitHub, HTML} {
		for _, c := range []struct {
			name   string
			report func(Report) Report
		}{
			{"full", func(r Report) Report { return r }},
			{"empty", func(Report) Report { return Report{} }},
		} {
			t.Run(format+"/"+c.name, func(t *testing.T) {
				w, r := onDisk(t)
				var buf bytes.Buffer
				w.Out, w.Format = &buf, format
				if err := w.Report(c.report(r)); err != nil {
					t.Fatal(err)
				}
				if bytes.Contains(buf.Bytes(), []byte(w.Root)) {
					t.Errorf("the output names the directory %s", w.Root)
				}
				golden(t, c.name+"."+format, buf.Bytes())
			})
		}
	}
}
