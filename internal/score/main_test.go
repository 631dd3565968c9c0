package main

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// TestScore runs the command over a repository of one file with a bug that is found, one
// that is not, and a line that is right.
func TestScore(t *testing.T) {
	dir := t.TempDir()
	program := filepath.Join(dir, "idemlint")
	if out, err := exec.Command("go", "build", "-o", program, "../../cmd/idemlint").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	src := filepath.Join(dir, "src")
	write(t, filepath.Join(src, "me__shop", "go.mod"), "module shop\n\ngo 1.26\n")
	write(t, filepath.Join(src, "me__shop", "shop.go"), `package shop

type Task struct{ Text string }

type Queue struct{}

//idemlint:receive
func (q *Queue) Pull() (Task, error) { return Task{}, nil }

//idemlint:settle
func (q *Queue) Done(t Task) error { return nil }

type Store interface {
	//idemlint:write key=0 value=1
	Put(key, value string) error
}

func Work(q *Queue, s Store) error {
	t, err := q.Pull()
	if err != nil {
		return err
	}
	if err := q.Done(t); err != nil {
		return err
	}
	return s.Put(t.Text, t.Text)
}
`)
	labels := filepath.Join(dir, "labels.jsonl")
	write(t, labels, `{"repo":"me/shop","file":"shop.go","line":23,"code":"E","confidence":"high","sdk":"own","module_dir":".","why":"settles first"}
{"repo":"me/shop","file":"shop.go","line":26,"code":"W","confidence":"low","sdk":"own","module_dir":".","why":"nobody says so"}
{"repo":"me/shop","file":"shop.go","line":8,"code":"OK","confidence":"high","sdk":"own","module_dir":".","why":"only receives"}
`)
	var out bytes.Buffer
	if err := run(&out, labels, src, program, false); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"missed  W/low me__shop/shop.go:26 nobody says so\n",
		"all          1 of 2\n", "all/high     1 of 1\n", "code E       1 of 1\n", "code W       0 of 1\n", "sdk own      1 of 2\n",
		"1 findings: 1 on labelled bugs, 0 against OK labels, 0 unlabelled\n",
	} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("no %q in:\n%s", want, &out)
		}
	}
	write(t, labels, `{"repo":"me/shop","code":"X"}`)
	if err := run(&out, labels, src, program, false); err == nil || !strings.Contains(err.Error(), `labels.jsonl:1: "X" is no code of a label`) {
		t.Errorf("an unknown code: %v", err)
	}
}

func write(t *testing.T, name, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(name, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}
