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

	"github.com/idemlint/idemlint/models"
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

// TestBaselineSurvives: what a baseline holds is known again when lines move, when
// locals, parameters and the receiver get other names, when comments change, when a
// function moves to another file; and not when it gets another name.
func TestBaselineSurvives(t *testing.T) {
	first := imports + functions("") + house
	dir := azureModule(t, map[string]string{"p/p.go": first})
	baseline := filepath.Join(dir, "b.json")
	run := func(name string, code int, want ...string) {
		t.Helper()
		stdout, stderr, got, err := call(dir, alone, command, "-baseline", baseline)
		var heads []string
		for _, m := range headOf.FindAllStringSubmatch(stdout, -1) {
			heads = append(heads, m[1])
		}
		if err != nil || got != code || stderr != "" || !slices.Equal(heads, want) {
			t.Errorf("%s: exit %d (%v), errors %q, findings %q; want %d, %q", name, got, err, stderr, heads, code, want)
		}
	}
	stdout, stderr, code, err := call(dir, alone, command, "-write-baseline", baseline)
	if err != nil || code != 0 || stdout != "" || stderr != "idemlint: 2 findings written to "+baseline+"\n" {
		t.Fatalf("exit %d (%v), output %q, errors %q", code, err, stdout, stderr)
	}
	put := func(name, text string) {
		t.Helper()
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	run("as it was", 0)
	put("p/p.go", "// Package p has a comment now.\n//\n// It takes three lines.\n"+strings.ReplaceAll(first, "\tfor _,", "\n\t// Each of them:\n\tfor _,"))
	run("lines moved", 0)
	renamed := first
	for _, r := range [][2]string{{"m", "message"}, {"got", "answer"}, {"err", "problem"}, {"ctx", "c"}, {"queue", "from"}, {"w", "me"}, {"text", "body"}} {
		// Not the field w.queue, and not what is behind a dot.
		renamed = regexp.MustCompile(`([^.\w"])`+r[0]+`\b`).ReplaceAllString(renamed, "${1}"+r[1])
	}
	renamed = strings.NewReplacer("struct{ from ", "struct{ queue ", "\tfrom *azqueue", "\tqueue *azqueue").Replace(renamed)
	put("p/p.go", renamed)
	run("locals renamed", 0)
	put("p/p.go", imports+functions(""))
	put("p/q.go", imports+house)
	run("moved to another file", 0)
	put("p/p.go", imports+functions("More"))
	stdout, stderr, code, err = call(dir, alone, command, "-baseline", baseline)
	if err != nil || code != 1 || !strings.HasPrefix(stdout, "p/p.go:18:") || strings.Count(stderr, "\n") != 1 ||
		!strings.HasPrefix(stderr, "idemlint: 1 finding of the baseline is gone: missingdelete in p/p.go; ") {
		t.Errorf("another name: exit %d (%v), errors %q, output\n%s", code, err, stderr, stdout)
	}
}

// TestGoTool adds the linter as a tool to a module with an older SDK: that must not
// move the SDK's version, nor that of anything else the module's code is made of.
func TestGoTool(t *testing.T) {
	here, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	dir, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	const self = "github.com/idemlint/idemlint"
	mod := `module m

go 1.26.0

require (
	github.com/Azure/azure-sdk-for-go/sdk/storage/azqueue/v2 v2.1.0
	github.com/google/uuid v1.4.0
)

replace ` + self + ` => ` + here + "\n"
	for name, text := range map[string]string{"go.mod": mod, "p/p.go": imports + functions(""), "q/q.go": "package q\n\nimport _ \"github.com/google/uuid\"\n"} {
		name = filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(name), 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	goCommand(t, dir, "mod", "tidy")
	before := versions(t, dir)
	// The go command looks for a module of the command's own path, too. Nobody has
	// published one, and the modules that are here already are all that it needs.
	cache, err := exec.Command("go", "env", "GOMODCACHE").Output()
	if err != nil {
		t.Fatal(err)
	}
	// Those of our own module graph among them.
	if _, stderr, code, err := call(here, []string{"GOWORK=off", "GOFLAGS=-mod=readonly"}, "go", "list", "-m", "all"); err != nil || code != 0 {
		t.Fatalf("go list -m all: exit %d (%v)\n%s", code, err, stderr)
	}
	proxy := "GOPROXY=file://" + filepath.ToSlash(filepath.Join(strings.TrimSpace(string(cache)), "cache", "download"))
	_, stderr, code, err := call(dir, append(alone[:2:2], proxy, "GOSUMDB=off"), "go", "get", "-tool", self+"/cmd/idemlint")
	if code != 0 && strings.Contains(stderr, "cache/download/") && strings.Contains(stderr, "no such file") {
		t.Skip("a module that go get asks for was never downloaded here")
	}
	if err != nil || code != 0 {
		t.Fatalf("go get -tool: exit %d (%v)\n%s", code, err, stderr)
	}
	goCommand(t, dir, "mod", "tidy")
	after := versions(t, dir)
	const sdk = "github.com/Azure/azure-sdk-for-go/sdk/storage/azqueue/v2"
	if before[sdk] != "v2.1.0" {
		t.Fatalf("before: %v", before)
	}
	for path, version := range before {
		// The linter is made of golang.org/x/tools, whose siblings move with it.
		if after[path] != version && !strings.HasPrefix(path, "golang.org/x/") {
			t.Errorf("%s was %s and is %s", path, version, after[path])
		}
	}
	// What comes along is what the linter itself requires, and that is no SDK.
	ours := versions(t, ".")
	for path, version := range after {
		if before[path] == "" && ours[path] == "" && path != self && !strings.HasPrefix(path, "golang.org/x/") {
			t.Errorf("%s %s came along", path, version)
		}
	}
	for _, m := range models.All() {
		for _, p := range m.Packages {
			for path := range ours {
				if p == path || strings.HasPrefix(p, path+"/") {
					t.Errorf("the linter requires %s, an SDK", path)
				}
			}
		}
	}
	for path := range before {
		if after[path] != before[path] {
			t.Logf("%s %s → %s", path, before[path], after[path])
		}
	}
	stdout, stderr, code, err := call(dir, alone, "go", "tool", "idemlint")
	if err != nil || code != 1 || !strings.HasPrefix(stdout, "p/p.go:18:") {
		t.Errorf("go tool idemlint: exit %d (%v), errors %s, output\n%s", code, err, stderr, stdout)
	}
}

var required = regexp.MustCompile(`(?m)^(?:require |\t)(\S+) (v\S+)`)

// versions are what a module requires.
func versions(t *testing.T, dir string) map[string]string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(dir, "go.mod"))
	if err != nil {
		t.Fatal(err)
	}
	list := map[string]string{}
	for _, m := range required.FindAllSubmatch(text, -1) {
		list[string(m[1])] = string(m[2])
	}
	return list
}
