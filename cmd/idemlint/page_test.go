package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

const pagePath = "../../docs/integrations/ci.md"

// blocks are the contents of a page's fenced blocks of one language.
func blocks(t *testing.T, language string) []string {
	t.Helper()
	text, err := os.ReadFile(pagePath)
	if err != nil {
		t.Fatal(err)
	}
	var list []string
	for _, b := range strings.Split(string(text), "\n```"+language+"\n")[1:] {
		b, _, closed := strings.Cut(b, "\n```")
		if !closed {
			t.Fatalf("a block is not closed:\n%s", b)
		}
		list = append(list, b+"\n")
	}
	if len(list) == 0 {
		t.Fatalf("no blocks of %s", language)
	}
	return list
}

// demo is a repository with the demo and a copy of what testdata requires.
func demo(t *testing.T) string {
	t.Helper()
	dir, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	const corpus = "../../testdata"
	if err := os.CopyFS(filepath.Join(dir, "demo"), os.DirFS(filepath.Join(corpus, "demo"))); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"go.mod", "go.sum"} {
		src, err := os.ReadFile(filepath.Join(corpus, name))
		if err != nil {
			t.Fatal(err)
		}
		put(t, dir, name, string(src))
	}
	const self = "github.com/idemlint/idemlint"
	edit := exec.Command("go", "mod", "edit", "-module=m", "-dropreplace="+self, "-droprequire="+self, "-dropreplace="+self+"/runtime", "-droprequire="+self+"/runtime")
	edit.Dir = dir
	if out, err := edit.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	git(t, dir, "init", "-q")
	git(t, dir, "add", ".")
	git(t, dir, "commit", "-qm", "demo")
	git(t, dir, "update-ref", "refs/remotes/origin/main", "HEAD")
	return dir
}

// TestPage runs the commands of the page, one after the other, and compares what they
// print with what stands there; "..." stands for the rest. The go get is not run, but
// by TestGoTool of the module's root: it needs a published version.
func TestPage(t *testing.T) {
	dir := demo(t)
	env := append(os.Environ(), "PATH="+filepath.Dir(binary)+string(os.PathListSeparator)+os.Getenv("PATH"), "GOFLAGS=-mod=mod", "GOWORK=off", "NO_COLOR=1")
	ran := 0
	for _, b := range blocks(t, "console") {
		for _, part := range strings.Split("\n"+b, "\n$ ")[1:] {
			command, want, _ := strings.Cut(strings.TrimSuffix(part, "\n")+"\n", "\n")
			if strings.HasPrefix(command, "go get ") || strings.HasPrefix(command, "go tool ") {
				continue
			}
			cmd := exec.Command("bash", "-c", command)
			cmd.Dir, cmd.Env = dir, env
			out, err := cmd.CombinedOutput()
			if _, ok := err.(*exec.ExitError); err != nil && !ok {
				t.Fatal(err)
			}
			got := string(out)
			if head, ok := strings.CutSuffix(want, "...\n"); ok {
				got, want = got[:min(len(head), len(got))], head
			}
			if strings.TrimSuffix(got, "\n") != strings.TrimSuffix(want, "\n") {
				t.Errorf("$ %s\nprints\n%swant\n%s", command, got, want)
			}
			ran++
		}
	}
	if ran < 10 {
		t.Errorf("only %d commands", ran)
	}
	for name, begins := range map[string]string{"idemlint.sarif": "{", "idemlint.html": "<!DOCTYPE html>"} {
		if got, err := os.ReadFile(filepath.Join(dir, name)); err != nil || !strings.HasPrefix(string(got), begins) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

var (
	commandLine = regexp.MustCompile(`(?m)^\s*- (?:run: )?idemlint (.*)$`)
	argsLine    = regexp.MustCompile(`(?m)^\s*args: (.*)$`)
	input       = regexp.MustCompile(`(?m)^          ([a-z-]+): (.*)$`)
)

// TestPageYAML: the flags in the configurations exist, and so do the inputs of the
// action and the hook.
func TestPageYAML(t *testing.T) {
	action, err := os.ReadFile("../../action.yml")
	if err != nil {
		t.Fatal(err)
	}
	hooks, err := os.ReadFile("../../.pre-commit-hooks.yaml")
	if err != nil {
		t.Fatal(err)
	}
	inputs, _, _ := strings.Cut(string(action), "\noutputs:")
	flags, uses := 0, 0
	for _, b := range blocks(t, "yaml") {
		for _, m := range slices.Concat(commandLine.FindAllStringSubmatch(b, -1), argsLine.FindAllStringSubmatch(b, -1)) {
			flags++
			line := strings.NewReplacer("[", "", "]", "", ",", "", `"`, "").Replace(m[1])
			if _, err := parse(strings.Fields(line)); err != nil {
				t.Errorf("%s: %v", m[0], err)
			}
		}
		if _, with, ok := strings.Cut(b, "uses: idemlint/idemlint@"); ok {
			for _, m := range input.FindAllStringSubmatch(with, -1) {
				uses++
				if !strings.Contains(inputs, "\n  "+m[1]+":\n") {
					t.Errorf("the action has no input %s", m[1])
				}
			}
		}
		if _, id, ok := strings.Cut(b, "- id: "); ok {
			id, _, _ = strings.Cut(id, "\n")
			if !strings.Contains(string(hooks), "- id: "+id+"\n") {
				t.Errorf("there is no hook %s", id)
			}
		}
	}
	if flags != 4 || uses != 3 {
		t.Errorf("%d lines with flags and %d inputs were looked at, want 4 and 3", flags, uses)
	}
}

// TestAction runs the steps of the action as the runner does, with a go command that
// installs the linter without a network.
func TestAction(t *testing.T) {
	text, err := os.ReadFile("../../action.yml")
	if err != nil {
		t.Fatal(err)
	}
	var scripts []string
	for _, s := range strings.Split(string(text), "      run: |\n")[1:] {
		var script []string
		for line := range strings.Lines(s) {
			if !strings.HasPrefix(line, "        ") {
				break
			}
			script = append(script, strings.TrimPrefix(line, "        "))
		}
		scripts = append(scripts, strings.Join(script, ""))
	}
	if len(scripts) != 2 {
		t.Fatalf("%d scripts, want 2", len(scripts))
	}
	dir := demo(t)
	temp := filepath.Join(t.TempDir(), "with a blank")
	tools := filepath.Join(t.TempDir(), "tools")
	realGo, err := exec.LookPath("go")
	if err != nil {
		t.Fatal(err)
	}
	put(t, tools, "go", `#!/bin/sh
case "$1 $2" in
"install github.com/idemlint/idemlint/cmd/idemlint@`+"$WANT"+`") cp "`+binary+`" "$GOBIN/idemlint" ;;
"tool -n") test -n "$TOOL" ;;
"tool idemlint") shift 2; exec "`+binary+`" "$@" ;;
*) exec "`+realGo+`" "$@" ;;
esac
`)
	if err := os.Chmod(filepath.Join(tools, "go"), 0o777); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name string
		env  []string
		code int
		log  string
		file bool
	}{
		{"annotations", []string{"FORMAT=github", "PACKAGES=./...", "WANT=latest"}, 1, "::error file=demo/counter.go,line=33,", false},
		{"a version", []string{"FORMAT=github", "PACKAGES=./...", "VERSION=v1.0.0", "WANT=v1.0.0", "TOOL=yes"}, 1, "::error file=demo/counter.go,line=33,", false},
		{"the module's tool", []string{"FORMAT=github", "PACKAGES=./...", "WANT=nothing", "TOOL=yes"}, 1, "::error file=demo/counter.go,line=33,", false},
		{"SARIF", []string{"FORMAT=sarif", "PACKAGES=./demo errors", "WANT=latest", "FAIL=false"}, 0, "", true},
		{"flags", []string{"FORMAT=text", "PACKAGES=./...", "ARGS=-checks etag -tests", "WANT=latest"}, 1, "demo/counter.go:33:29: ", false},
		{"nothing found", []string{"FORMAT=github", "PACKAGES=errors", "WANT=latest"}, 0, "", false},
		{"trouble", []string{"FORMAT=github", "PACKAGES=./none", "WANT=latest", "FAIL=false"}, 2, "::error title=idemlint::", false},
		{"a flag that is none", []string{"FORMAT=sarif", "PACKAGES=./...", "ARGS=-nope", "WANT=latest"}, 2, "idemlint: unknown flag -nope;", false},
	} {
		t.Run(c.name, func(t *testing.T) {
			if err := os.MkdirAll(temp, 0o777); err != nil {
				t.Fatal(err)
			}
			defer os.RemoveAll(temp)
			output := filepath.Join(temp, "output")
			env := append(os.Environ(), "PATH="+tools+string(os.PathListSeparator)+os.Getenv("PATH"), "GOFLAGS=-mod=mod", "GOWORK=off",
				"RUNNER_TEMP="+temp, "GITHUB_OUTPUT="+output, "VERSION=", "ARGS=", "FAIL=true", "TOOL=")
			run := func(script string, env []string) (string, int) {
				cmd := exec.Command("bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", script)
				cmd.Dir, cmd.Env = dir, env
				out, _ := cmd.CombinedOutput()
				return string(out), cmd.ProcessState.ExitCode()
			}
			log, code := run(scripts[0], append(env, c.env...))
			if code != 0 || !strings.HasPrefix(log, c.log) || c.log == "" && log != "" {
				t.Errorf("exit %d, log\n%s\nwant %q", code, log, c.log)
			}
			said, err := os.ReadFile(output)
			if err != nil {
				t.Fatal(err)
			}
			first, rest, _ := strings.Cut(string(said), "\n")
			if file := rest == "sarif="+temp+"/idemlint.sarif\n"; file != c.file || !file && rest != "" {
				t.Errorf("outputs %q", said)
			}
			_, code = run(scripts[1], append(append(env, c.env...), "CODE="+strings.TrimPrefix(first, "exit-code=")))
			if code != c.code {
				t.Errorf("the last step exits with %d, want %d", code, c.code)
			}
		})
	}
}
