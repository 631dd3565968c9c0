package gopls

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/idemlint/idemlint/passes/etag"
)

// program is the gopls to test: the one named in the environment, or in the long form
// one built here.
func program(t *testing.T) string {
	t.Helper()
	if name := os.Getenv("IDEMLINT_GOPLS"); name != "" {
		return name
	}
	if os.Getenv("IDEMLINT_LONG") == "" {
		t.Skip("neither IDEMLINT_GOPLS names a gopls with idemlint in it, nor is IDEMLINT_LONG set to build one")
	}
	root, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	out := filepath.Join(t.TempDir(), "gopls")
	begin := time.Now()
	version, err := Build(Config{Out: out, Dir: root, Stage: func(string) {}, Log: func(s string) { t.Log(s) }})
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("gopls %s was built in %.0fs", version, time.Since(begin).Seconds())
	return out
}

// workers makes a module of two cases.
func workers(t *testing.T) string {
	t.Helper()
	dir, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	const corpus = "../../testdata"
	for _, c := range []string{"demo", "handlers/etag/roster"} {
		if err := os.CopyFS(filepath.Join(dir, c), os.DirFS(filepath.Join(corpus, c))); err != nil {
			t.Fatal(err)
		}
	}
	for _, name := range []string{"go.mod", "go.sum"} {
		text, err := os.ReadFile(filepath.Join(corpus, name))
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, name), text, 0o666); err != nil {
			t.Fatal(err)
		}
	}
	args := []string{"mod", "edit"}
	for _, name := range []string{Idemlint, Idemlint + "/runtime"} {
		args = append(args, "-droprequire="+name, "-dropreplace="+name)
	}
	cmd := exec.Command("go", args...)
	cmd.Dir = dir
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	return dir
}

// of are the diagnostics of an analyzer.
func of(list []diagnostic, source string) []diagnostic {
	return slices.DeleteFunc(slices.Clone(list), func(d diagnostic) bool { return d.Source != source })
}

// mended makes a write conditional: the call's last argument becomes options.
func mended(t *testing.T, text, write, options string) string {
	t.Helper()
	const azblob = "\t\"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob"
	if strings.Count(text, write+" nil)") != 1 {
		t.Fatalf("the text has no %s nil)", write)
	}
	text = strings.Replace(text, write+" nil)", write+" "+options+")", 1)
	i := strings.Index(text, azblob)
	return text[:i] + azblob + "/blob\"\n" + azblob + "/blockblob\"\n" + text[i:]
}

const conditions = "AccessConditions: &blob.AccessConditions{ModifiedAccessConditions: &blob.ModifiedAccessConditions{IfMatch: "

// TestEditor is a session of an editor.
func TestEditor(t *testing.T) {
	e := start(t, program(t), workers(t))

	const counter = "demo/counter.go"
	text := e.open(counter)
	line := func(part string) int { return strings.Count(text[:strings.Index(text, part)], "\n") }
	found := func(source string) func([]diagnostic) bool {
		return func(list []diagnostic) bool { return len(of(list, source)) == 1 }
	}
	gone := func(source string) func([]diagnostic) bool {
		return func(list []diagnostic) bool { return len(of(list, source)) == 0 }
	}
	begin := time.Now()
	d := of(e.wait(counter, "the finding", found("etag")), "etag")[0]
	t.Logf("the first finding stands there after %.1fs", time.Since(begin).Seconds())
	const warning = 2
	if d.Range.Start.Line != line("blobs.UploadBuffer") || d.Severity != warning ||
		!strings.HasPrefix(d.Message, "read-modify-write without a precondition: ") || !strings.Contains(d.Message, "; schedule: GET 1 ") {
		t.Errorf("the diagnostic is %+v", d)
	}
	if d.CodeDescription.Href != etag.Doc.URL() {
		t.Errorf("it leads to %q, want %s", d.CodeDescription.Href, etag.Doc.URL())
	}
	var places []int
	for _, r := range d.Related {
		if r.Location.URI != uri(filepath.Join(e.dir, counter)) {
			t.Errorf("a related place is in %s", r.Location.URI)
		}
		places = append(places, r.Location.Range.Start.Line)
	}
	want := []int{line("queue.DequeueMessage"), line("blobs.DownloadStream"), line("blobs.UploadBuffer"), line("queue.DeleteMessage")}
	if !slices.Equal(places, want) {
		t.Errorf("the related places are on the lines %v, want %v", places, want)
	}

	fixes := e.fix(counter, d)
	if len(fixes) != 1 {
		t.Fatalf("there are %d quick fixes, want one: %+v", len(fixes), fixes)
	}
	right := e.apply(fixes[0], counter, text)
	if !strings.Contains(right, "IfMatch: got.ETag") {
		t.Errorf("the quick fix %q makes of the text\n%s", fixes[0].Title, right)
	}
	begin = time.Now()
	e.change(counter, right)
	if list := e.wait(counter, "the finding to go", gone("etag")); len(list) > 0 {
		t.Errorf("with the write conditional gopls says %+v", list)
	}
	t.Logf("after an edit it is gone in %.1fs", time.Since(begin).Seconds())

	e.change(counter, right+"\n//idemlint:ignore etag\n")
	d = of(e.wait(counter, "the malformed directive", found("idemlint")), "idemlint")[0]
	if !strings.Contains(d.Message, "gives no reason") {
		t.Errorf("a directive without a reason: %+v", d)
	}
	e.change(counter, strings.Replace(text, "\t_, err = blobs.UploadBuffer", "\t//idemlint:ignore etag approximate by design\n\t_, err = blobs.UploadBuffer", 1))
	e.wait(counter, "a directive with a reason to silence the finding", func(list []diagnostic) bool { return len(list) == 0 })

	// Over packages: the write stands in the store, the message in the worker.
	const worker, store = "handlers/etag/roster/worker/worker.go", "handlers/etag/roster/rosterstore/store.go"
	text = e.open(worker)
	d = of(e.wait(worker, "the finding over packages", found("etag")), "etag")[0]
	if d.Range.Start.Line != line("w.Rosters.Update") {
		t.Errorf("the diagnostic is %+v", d)
	}
	text = e.open(store)
	var elsewhere []int
	for _, r := range d.Related {
		if r.Location.URI == uri(filepath.Join(e.dir, store)) {
			elsewhere = append(elsewhere, r.Location.Range.Start.Line)
		}
	}
	if want := []int{line("bb.DownloadStream"), line("bb.UploadStream")}; !slices.Equal(elsewhere, want) {
		t.Errorf("in the store the related places are on the lines %v, want %v", elsewhere, want)
	}
	e.change(store, mended(t, text, "bb.UploadStream(ctx, &buf,", "&blockblob.UploadStreamOptions{"+conditions+"resp.ETag}}}"))
	if list := e.wait(worker, "the finding to go with an edit of the store", gone("etag")); len(list) > 0 {
		t.Errorf("with the store's write conditional gopls says of the worker %+v", list)
	}
}

func TestChoose(t *testing.T) {
	for _, c := range []struct{ version, want, err string }{
		{"go1.26.0", "v0.23.0", ""},
		{"go1.26.8 X:nodwarf5", "v0.23.0", ""},
		{"go1.27rc1", "v0.24.0", ""},
		{"go1.31.2", "v0.24.0", ""},
		{"devel +0123456", "v0.24.0", ""},
		{"go1.25.9", "", "gopls v0.23.0 with idemlint takes Go 1.26 or later; the go command in the PATH is go1.25.9"},
	} {
		got, err := choose(c.version)
		if got != c.want || (err == nil) != (c.err == "") || err != nil && err.Error() != c.err {
			t.Errorf("%s: %s (%v), want %s (%s)", c.version, got, err, c.want, c.err)
		}
	}
}

func TestFirstError(t *testing.T) {
	end := errors.New("exit status 1")
	for stderr, want := range map[string]string{
		"":                                     "exit status 1",
		"go: downloading a v1.0.0\n":           "exit status 1",
		"go: downloading a v1.0.0\ngo: b: c\n": "b: c",
		"# pkg\nx.go:1:2: undefined: y\nz\n":   "x.go:1:2: undefined: y",
	} {
		if got := firstError(stderr, end); got.Error() != want {
			t.Errorf("%q: %q, want %q", stderr, got, want)
		}
	}
}

func TestEditors(t *testing.T) {
	var b strings.Builder
	if err := Editors(&b, `/opt/my "tools"/gopls`); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"\nVS Code, settings.json:\n\n\"go.alternateTools\": { \"gopls\": \"/opt/my \\\"tools\\\"/gopls\" }\n",
		"\nNeovim 0.11 or later, init.lua:\n\nvim.lsp.config(\"gopls\", { cmd = { \"/opt/my ",
		"\nHelix, languages.toml:\n\n[language-server.gopls]\ncommand = \"/opt/my ",
		"\nEmacs with eglot, init.el:\n\n(with-eval-after-load 'eglot\n",
	} {
		if !strings.Contains(b.String(), want) {
			t.Errorf("no\n%sin\n%s", want, b.String())
		}
	}
}
