package idemlint_test

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"text/template"
	"time"
)

// The handlers of these tests are two functions: Wrong drops the error of its delete
// in the line marked ✗, Right does not.
const handlers = `
func Wrong{{.}}(ctx context.Context, queue, mails *azqueue.QueueClient) error {
	got, err := queue.DequeueMessage(ctx, nil)
	if err != nil {
		return err
	}
	for _, m := range got.Messages {
		if _, err := mails.EnqueueMessage(ctx, *m.MessageText, nil); err != nil {
			return err
		}
		queue.DeleteMessage(ctx, *m.MessageID, *m.PopReceipt, nil) // ✗
	}
	return nil
}

func Right{{.}}(ctx context.Context, queue, mails *azqueue.QueueClient) error {
	got, err := queue.DequeueMessage(ctx, nil)
	if err != nil {
		return err
	}
	for _, m := range got.Messages {
		if _, err := mails.EnqueueMessage(ctx, *m.MessageText, nil); err != nil {
			return err
		}
		if _, err := queue.DeleteMessage(ctx, *m.MessageID, *m.PopReceipt, nil); err != nil {
			return err
		}
	}
	return nil
}
`

var handlersOf = template.Must(template.New("").Parse(handlers))

// functions writes the two functions with a suffix to their names.
func functions(suffix any) string {
	var b strings.Builder
	if err := handlersOf.Execute(&b, suffix); err != nil {
		panic(err)
	}
	return b.String()
}

// house is a worker whose effect stands behind an interface of its own package.
const house = `
type mails interface {
	Put(ctx context.Context, text string) error
}

type queueMails struct{ queue *azqueue.QueueClient }

func (m queueMails) Put(ctx context.Context, text string) error {
	_, err := m.queue.EnqueueMessage(ctx, text, nil)
	return err
}

type Worker struct {
	queue *azqueue.QueueClient
	mails mails
}

func New(queue, out *azqueue.QueueClient) *Worker { return &Worker{queue, queueMails{out}} }

func (w *Worker) Step(ctx context.Context) error {
	got, err := w.queue.DequeueMessage(ctx, nil)
	if err != nil {
		return err
	}
	for _, m := range got.Messages {
		if err := w.mails.Put(ctx, *m.MessageText); err != nil {
			return err
		}
		w.queue.DeleteMessage(ctx, *m.MessageID, *m.PopReceipt, nil) // ✗
	}
	return nil
}
`

// imports is what stands above them.
const imports = `package p

import (
	"context"

	"github.com/Azure/azure-sdk-for-go/sdk/storage/azqueue/v2"
)
`

// azureModule writes a module that may import what testdata does.
func azureModule(t *testing.T, files map[string]string) (dir string) {
	t.Helper()
	dir, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"go.mod", "go.sum"} {
		src, err := os.ReadFile(filepath.Join(corpus, name))
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, name), src, 0o666); err != nil {
			t.Fatal(err)
		}
	}
	const self = "github.com/idemlint/idemlint"
	goCommand(t, dir, "mod", "edit", "-module=m", "-dropreplace="+self, "-droprequire="+self,
		"-dropreplace="+self+"/runtime", "-droprequire="+self+"/runtime")
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

var alone = []string{"GOWORK=off", "GOFLAGS=-mod=mod"}

func goCommand(t *testing.T, dir string, args ...string) {
	t.Helper()
	cmd := exec.Command("go", args...)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), alone...)
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("go %q: %v\n%s", args, err, out)
	}
}

var headOf = regexp.MustCompile(`(?m)^(\S+:\d+):\d+: (.*) \((\w+)\)$`)

// expect runs the command and compares what it finds with the lines marked ✗ in the
// files of the module; all else must not be reported, and nothing go wrong.
func expect(t *testing.T, dir string, env []string, args ...string) {
	t.Helper()
	var want []string
	err := filepath.WalkDir(dir, func(path string, d os.DirEntry, err error) error {
		if err == nil && d.Name() == "vendor" {
			return filepath.SkipDir
		}
		if err != nil || filepath.Ext(path) != ".go" {
			return err
		}
		src, err := os.ReadFile(path)
		n := 0
		for line := range bytes.Lines(src) {
			if n++; bytes.Contains(line, []byte("✗")) {
				rel, _ := filepath.Rel(dir, path)
				want = append(want, fmt.Sprintf("%s:%d the error of the settle is dropped", filepath.ToSlash(rel), n))
			}
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	start := time.Now()
	stdout, stderr, code, err := call(dir, env, command, args...)
	var got []string
	for _, m := range headOf.FindAllStringSubmatch(stdout, -1) {
		message, _, _ := strings.Cut(m[2], ",")
		got = append(got, m[1]+" "+message)
	}
	t.Logf("%d findings in %v", len(got), time.Since(start).Round(time.Millisecond))
	if err != nil || code != 1 || stderr != "" {
		t.Errorf("exit %d (%v), errors %s", code, err, stderr)
	}
	if !slices.Equal(got, want) {
		t.Errorf("got %d findings, want %d; %s", len(got), len(want), firstDifference(strings.Join(want, "\n"), strings.Join(got, "\n")))
	}
}

// TestUnusualModules: handlers are found wherever they stand.
func TestUnusualModules(t *testing.T) {
	p := imports + functions("")
	generated := "// Code generated by x. DO NOT EDIT.\n\n" + strings.ReplaceAll(p, "// ✗", "")
	for _, c := range []struct {
		name  string
		files map[string]string
		env   []string
		args  []string
	}{
		{"plain", map[string]string{"p/p.go": p}, nil, nil},
		{"generated code beside it", map[string]string{"p/p.go": p, "gen/gen.go": generated}, nil, nil},
		{"cgo", map[string]string{"p/p.go": strings.Replace(p, "import (", "// static int f(void) { return 1; }\nimport \"C\"\n\nimport (", 1) + "\nvar one = C.f()\n"}, []string{"CGO_ENABLED=1"}, nil},
		{"build tags", map[string]string{"p/p.go": "//go:build blue\n\n" + p, "p/q.go": "//go:build !blue\n\n" + strings.ReplaceAll(p, "// ✗", "")}, nil, []string{"-tags", "blue"}},
		{"a test", map[string]string{"p/p.go": "package p\n", "p/p_test.go": p}, nil, []string{"-tests"}},
		{"one file", map[string]string{"p/p.go": p}, nil, []string{"p/p.go"}},
		{"a main package", map[string]string{"main.go": strings.Replace(p, "package p", "package main", 1) + "\nfunc main() {}\n"}, nil, nil},
		{"beside a package that does not use queues", map[string]string{"p/p.go": p, "q/q.go": "package q\n\nimport _ \"m/p\"\n"}, nil, nil},
		{"a workspace", map[string]string{"go.work": "go 1.26.0\n\nuse .\nuse ./n\n", "p/p.go": p, "n/go.mod": "module n\n\ngo 1.26.0\n", "n/n.go": "package n\n\nimport _ \"m/p\"\n"},
			[]string{"GOWORK=", "GOFLAGS="}, []string{"./...", "./n/..."}},
		// The module is called m: no dot tells it from the standard library.
		{"an interface of the house", map[string]string{"p/p.go": imports + house}, nil, nil},
		// Keys and names that look like something else.
		{"an empty key", map[string]string{"p/p.go": p + "\nvar levels = map[string]int{\"\": 0, \"debug\": 1}\n"}, nil, nil},
		{"keys of brackets", map[string]string{"p/p.go": p + "\nvar levels = map[string]int{\"[\": 0, \"[x]\": 1, \"debug\": 2}\n"}, nil, nil},
		{"a blank field", map[string]string{"p/p.go": p + "\nvar X = struct{ _, A int }{A: 1}\n"}, nil, nil},
		{"a type that contains itself", map[string]string{"p/p.go": p + "\ntype T struct{ Next *T; All []T; By map[string]T }\n\nfunc Last(t *T) *T {\n\tfor t.Next != nil {\n\t\tt = t.All[0].By[\"\"].Next\n\t}\n\treturn t\n}\n"}, nil, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			expect(t, azureModule(t, c.files), append(alone[:2:2], c.env...), c.args...)
		})
	}
}

// TestVendoredSDK: the SDK is known also where it is vendored, and not analysed.
func TestVendoredSDK(t *testing.T) {
	dir := azureModule(t, map[string]string{"p/p.go": imports + functions("")})
	goCommand(t, dir, "mod", "tidy")
	goCommand(t, dir, "mod", "vendor")
	for _, flags := range []string{"", "-mod=vendor"} {
		expect(t, dir, []string{"GOWORK=off", "GOFLAGS=" + flags})
	}
}

// TestLargeFiles: 50,000 lines of handlers, and one handler of 50,000 lines.
func TestLargeFiles(t *testing.T) {
	const lines = 50000
	limit := time.Minute
	many := strings.Builder{}
	many.WriteString(imports)
	for i := 0; i*strings.Count(handlers, "\n") < lines; i++ {
		many.WriteString(functions(i))
	}
	body := strings.Repeat("\t\ttext = strings.TrimSpace(text)\n", lines)
	one := imports + strings.Replace(functions(""), "\t\tif ", "\t\ttext := *m.MessageText\n"+body+"\t\t*m.MessageText = text\n\t\tif ", 1)
	one = strings.Replace(one, "\"context\"\n", "\"context\"\n\t\"strings\"\n", 1)
	for name, src := range map[string]string{"many handlers": many.String(), "one handler": one} {
		t.Run(name, func(t *testing.T) {
			start := time.Now()
			expect(t, azureModule(t, map[string]string{"p/p.go": src}), alone)
			if took := time.Since(start); took > limit {
				t.Errorf("%d lines took %v, more than %v", strings.Count(src, "\n"), took, limit)
			}
		})
	}
}
