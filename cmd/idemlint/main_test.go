package main

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/idemlint/idemlint/analyzer"
	"github.com/idemlint/idemlint/internal/directive"
)

// binary is the command, built once.
var binary string

func TestMain(m *testing.M) {
	if os.Getenv(fakeEnv) != "" {
		fakeMain() // this test binary plays the command with a check of its own
	}
	dir, err := os.MkdirTemp("", "idemlint")
	if err != nil {
		panic(err)
	}
	binary = filepath.Join(dir, "idemlint")
	if out, err := exec.Command("go", "build", "-o", binary, ".").CombinedOutput(); err != nil {
		fmt.Fprintf(os.Stderr, "building the command: %v\n%s", err, out)
		os.Exit(1)
	}
	code := m.Run()
	os.RemoveAll(dir)
	os.Exit(code)
}

// module writes files to a new directory; a go.mod for module m is added unless the
// files bring one, or a go.work, or say with an empty "go.mod" that there is none.
func module(t *testing.T, files map[string]string) string {
	t.Helper()
	dir, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	write := func(name, src string) {
		name = filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(name), 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, []byte(src), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	_, mod := files["go.mod"]
	_, work := files["go.work"]
	if !mod && !work {
		write("go.mod", "module m\n\ngo 1.26\n")
	}
	for name, src := range files {
		if src != "" {
			write(name, src)
		}
	}
	return dir
}

// call runs a command in a directory.
func call(t *testing.T, dir string, env []string, name string, args ...string) (stdout, stderr string, code int) {
	t.Helper()
	cmd := exec.Command(name, args...)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "GOWORK=", "GOFLAGS=", "PWD="+dir)
	cmd.Env = append(cmd.Env, env...)
	var out, errs bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errs
	err := cmd.Run()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	return out.String(), errs.String(), cmd.ProcessState.ExitCode()
}

// TestBadInput is a table of what can be wrong: each case exits with 2 and says so in one
// clear line that begins as given.
func TestBadInput(t *testing.T) {
	const ok = "package p\n"
	for _, c := range []struct {
		name  string
		files map[string]string
		env   []string
		args  []string
		want  string
	}{
		{"a package that does not compile", map[string]string{"p/p.go": "package p\n\nvar X int = \"x\"\n"}, nil, nil,
			"p/p.go:3:13: cannot use \"x\""},
		{"a syntax error", map[string]string{"p/p.go": "package p\n\nfunc {\n"}, nil, nil, "p/p.go:3:6: "},
		{"a missing import", map[string]string{"p/p.go": "package p\n\nimport _ \"example.com/none\"\n"}, []string{"GOPROXY=off"}, nil,
			"p/p.go:3:8: no required module provides package example.com/none"},
		{"an import cycle", map[string]string{"a/a.go": "package a\n\nimport _ \"m/b\"\n", "b/b.go": "package b\n\nimport _ \"m/a\"\n"}, nil, nil,
			"import cycle not allowed"},
		{"a pattern that matches nothing", map[string]string{"p/p.go": ok}, nil, []string{"./p/q..."},
			"pattern ./p/q... matches no packages"},
		{"one of two patterns that matches nothing", map[string]string{"p/p.go": ok}, nil, []string{"./p", "m/z/..."},
			"pattern m/z/... matches no packages"},
		{"a directory that does not exist", map[string]string{"p/p.go": ok}, nil, []string{"./nope"}, "stat "},
		{"a file that does not exist", map[string]string{"p/p.go": ok}, nil, []string{"nope.go"},
			"no required module provides package nope.go"},
		{"an empty module", nil, nil, nil, "pattern ./... matches no packages"},
		{"a -C directory that does not exist", map[string]string{"p/p.go": ok}, nil, []string{"-C", "nope"},
			"-C nope: no such directory"},
		{"no go.mod", map[string]string{"go.mod": "", "p/p.go": ok}, nil, nil, "there is no go.mod in this directory or above it"},
		{"a malformed go.mod", map[string]string{"go.mod": "modul m\n", "p/p.go": ok}, nil, nil,
			"go list failed: go: errors parsing go.mod: go.mod:1: unknown directive: modul"},
		{"a go version too new", map[string]string{"go.mod": "module m\n\ngo 1.999\n", "p/p.go": ok}, []string{"GOTOOLCHAIN=local"}, nil,
			"go list failed: go: go.mod requires go >= 1.999"},
		{"no go command", map[string]string{"p/p.go": ok}, []string{"PATH=/nowhere"}, nil, "the go command is not in the PATH"},
		{"cgo without a C compiler", map[string]string{"p/p.go": "package p\n\n// int f(void);\nimport \"C\"\n"},
			[]string{"CGO_ENABLED=1", "CC=/nowhere/cc"}, nil, "cgo: C compiler \"/nowhere/cc\" not found"},
		{"an unknown flag", nil, nil, []string{"-nope"}, "unknown flag -nope; idemlint -h lists the flags"},
		{"a flag without its value", nil, nil, []string{"-f"}, "flag needs an argument: -f"},
		{"a flag after the packages", nil, nil, []string{"./...", "-tests"}, "flag -tests stands after the packages"},
		{"an unknown check", nil, nil, []string{"-checks", "etag,nope"}, "-checks etag,nope: no such check \"nope\"; the checks are "},
		{"no check left", nil, nil, []string{"-checks=-all"}, "-checks -all: chooses no check"},
		{"an unknown check to explain", nil, nil, []string{"-explain", "nope"}, "-explain nope: no such check; the checks are blobwrite, "},
		{"an unknown format", nil, nil, []string{"-f", "xml"}, "-f xml: no such format; the formats are text, json, sarif, github, html"},
		{"an output file in no directory", map[string]string{"p/p.go": ok}, nil, []string{"-o", "none/f"}, "-o none/f cannot be written: no such file or directory"},
		{"an output file that is a directory", map[string]string{"p/p.go": ok}, nil, []string{"-o", "p"}, "-o p cannot be written: is a directory"},
		{"a baseline that is not there", map[string]string{"p/p.go": ok}, nil, []string{"-baseline", "b.json"}, "-baseline b.json: no such file; -write-baseline makes it"},
		{"a baseline that is a directory", map[string]string{"p/p.go": ok}, nil, []string{"-baseline", "p"}, "-baseline p: is a directory"},
		{"an empty baseline", map[string]string{"b.json": "\n"}, nil, []string{"-baseline", "b.json"}, "-baseline b.json: it is no baseline: it is empty"},
		{"a baseline of another version", map[string]string{"b.json": "{\"version\": 2, \"findings\": {}}"}, nil, []string{"-baseline", "b.json"},
			"-baseline b.json: it is of version 2, and this idemlint reads version 1: write it anew with -write-baseline"},
		{"a broken baseline", map[string]string{"b.json": "{\n\"version\": 1,\n]"}, nil, []string{"-baseline", "b.json"},
			"-baseline b.json: it is no baseline: line 3: invalid character ']'"},
		{"a baseline to be written in no directory", map[string]string{"p/p.go": ok}, nil, []string{"-write-baseline", "none/f"}, "-write-baseline none/f cannot be written: no such file"},
		{"a baseline both read and written", nil, nil, []string{"-baseline", "b.json", "-write-baseline", "b.json"}, "-write-baseline takes every finding and reports none; it does not go with -baseline"},
		{"a baseline of new findings", nil, nil, []string{"-new-from-rev", "HEAD", "-write-baseline", "b.json"}, "-write-baseline takes every finding and reports none; it does not go with -new-from-rev"},
		{"a baseline and another output", nil, nil, []string{"-o", "f", "-write-baseline", "b.json"}, "-write-baseline takes every finding and reports none; it does not go with -o"},
		{"a revision of no repository", map[string]string{"p/p.go": ok}, nil, []string{"-new-from-rev", "HEAD"}, "-new-from-rev HEAD: this is no git repository"},
		{"a revision that is a flag", map[string]string{"p/p.go": ok}, nil, []string{"-new-from-rev", "-tests"}, "-new-from-rev -tests: \"-tests\" is no revision"},
		{"coverage as SARIF", nil, nil, []string{"-coverage", "-f", "sarif"}, "-coverage has no place in -f sarif"},
		{"a malformed directive", map[string]string{"p/p.go": "package p\n\n//idemlint:ignore etag\nvar X int\n"}, nil, nil,
			"p/p.go:3:1: //idemlint:ignore etag gives no reason"},
		{"an unknown directive", map[string]string{"p/p.go": "package p\n\n//idemlint:recieve\nfunc F() {}\n"}, nil, nil,
			"p/p.go:3:1: //idemlint:recieve is no directive: the words are ignore, "},
		{"a nolint without a reason", map[string]string{"p/p.go": "package p\n\n//nolint:idemlint\nvar X int\n"}, nil, nil,
			"p/p.go:3:1: //nolint:idemlint gives no reason"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			stdout, stderr, code := call(t, module(t, c.files), c.env, binary, c.args...)
			if code != trouble || stdout != "" {
				t.Errorf("exit %d and output %q, want %d and none", code, stdout, trouble)
			}
			if strings.Count(stderr, "\n") != 1 || !strings.HasPrefix(stderr, "idemlint: "+c.want) {
				t.Errorf("stderr:\n%swant one line that begins with\nidemlint: %s", stderr, c.want)
			}
		})
	}
}

// TestClean is what is unusual and yet no error: exit 0, not a word.
func TestClean(t *testing.T) {
	long := "package p\n\n//idemlint:handler\nfunc F(m string) int {\n\tx := len(m)\n" + strings.Repeat("\tx++\n", 50000) + "\treturn x\n}\n"
	for _, c := range []struct {
		name  string
		files map[string]string
		env   []string
		args  []string
	}{
		{"a file of 50,000 lines", map[string]string{"p/p.go": long}, nil, nil},
		{"generated code", map[string]string{"p/p.go": "// Code generated by x. DO NOT EDIT.\n\npackage p\n"}, nil, nil},
		{"cgo", map[string]string{"p/p.go": "package p\n\n// static int f(void) { return 1; }\nimport \"C\"\n\n//idemlint:receive\nfunc F() int { return int(C.f()) }\n"}, []string{"CGO_ENABLED=1"}, nil},
		{"build tags", map[string]string{"p/p.go": "package p\n", "p/q.go": "//go:build q\n\npackage p\n\nvar X int\n", "p/r.go": "//go:build !q\n\npackage p\n\nvar X string = 1\n"}, nil, []string{"-tags", "q"}},
		{"a workspace", map[string]string{"go.work": "go 1.26\n\nuse ./a\nuse ./b\n", "a/go.mod": "module a\n", "a/a.go": "package a\n", "b/go.mod": "module b\n", "b/b.go": "package b\n\nimport _ \"a\"\n"}, nil, []string{"./a/...", "./b/..."}},
		{"vendoring", map[string]string{
			"go.mod":             "module m\n\ngo 1.26\n\nrequire example.com/d v1.0.0\n",
			"vendor/modules.txt": "# example.com/d v1.0.0\n## explicit; go 1.26\nexample.com/d\n", "vendor/example.com/d/d.go": "package d\n",
			"p.go": "package p\n\nimport _ \"example.com/d\"\n"}, []string{"GOFLAGS=-mod=vendor"}, nil},
		{"a file as a pattern", map[string]string{"p/p.go": "package p\n"}, nil, []string{"p/p.go"}},
		{"the standard library", map[string]string{"p/p.go": "package p\n"}, nil, []string{"errors"}},
		{"another directory", map[string]string{"a/p.go": "package p\n"}, nil, []string{"-C", "a", "."}},
		{"a package of tests only", map[string]string{"p/p_test.go": "package p\n"}, nil, nil},
		{"a package of tests only, with tests", map[string]string{"p/p_test.go": "package p\n"}, nil, []string{"-tests"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			stdout, stderr, code := call(t, module(t, c.files), c.env, binary, c.args...)
			if code != clean || stdout != "" || stderr != "" {
				t.Errorf("exit %d, output %q, errors %q; want %d and nothing", code, stdout, stderr, clean)
			}
		})
	}
}

func TestHelp(t *testing.T) {
	dir := module(t, nil)
	stdout, _, code := call(t, dir, nil, binary, "-h")
	if code != clean || !strings.Contains(stdout, "usage: idemlint [-C dir] [flags] [packages]") || !strings.Contains(stdout, "-coverage\n") ||
		!strings.Contains(stdout, "text, json, sarif, github, html") || !strings.Contains(stdout, "-write-baseline file\n") || !strings.Contains(stdout, "-new-from-rev revision\n") {
		t.Errorf("-h: exit %d, output\n%s", code, stdout)
	}
	stdout, _, code = call(t, dir, nil, binary, "-version")
	if code != clean || !strings.HasPrefix(stdout, "idemlint ") || strings.Count(stdout, "\n") != 1 {
		t.Errorf("-version: exit %d, output %q", code, stdout)
	}
	for _, c := range analyzer.Checks() {
		stdout, _, code = call(t, dir, nil, binary, "-explain", c.Doc.Name)
		if code != clean || !strings.HasPrefix(stdout, c.Doc.Name+": "+c.Doc.Summary+"\n") {
			t.Errorf("-explain %s: exit %d, output\n%s", c.Doc.Name, code, stdout)
		}
	}
}

func TestCoverage(t *testing.T) {
	dir := module(t, map[string]string{"p/p.go": "package p\n"})
	stdout, stderr, code := call(t, dir, nil, binary, "-coverage")
	const text = "coverage: 1 package, 0 analysed, 0 windows, 0 effects, 0 unresolved calls\n" +
		"    1 package not analysed: no modelled SDK and no directive within reach, or not compiled\n"
	if code != clean || stdout != text || stderr != "" {
		t.Errorf("exit %d, output %q, errors %q", code, stdout, stderr)
	}
	stdout, _, _ = call(t, dir, nil, binary, "-coverage", "-f", "json")
	if stdout != "{\"kind\":\"total\",\"packages\":1,\"analysed\":0,\"windows\":0,\"effects\":0,\"unresolved\":0}\n" {
		t.Errorf("json: %q", stdout)
	}
}

// TestNames keeps the list of names that directives may give equal to the suite.
func TestNames(t *testing.T) {
	var names []string
	for _, c := range analyzer.Checks() {
		names = append(names, c.Analyzer.Name)
	}
	slices.Sort(names)
	if !slices.Equal(names, directive.Checks) {
		t.Errorf("the checks are %q, and directive.Checks is %q", names, directive.Checks)
	}
}

func TestChoose(t *testing.T) {
	all := strings.Join(directive.Checks, " ")
	but := func(names ...string) string {
		left := slices.DeleteFunc(slices.Clone(directive.Checks), func(c string) bool { return slices.Contains(names, c) })
		return strings.Join(left, " ")
	}
	for selection, want := range map[string]string{
		"all":                  all,
		"etag":                 "etag",
		"visibility,etag":      "etag visibility",
		"-etag":                but("etag"),
		"all,-etag,-blobwrite": but("etag", "blobwrite"),
		"-all,etag":            "etag",
	} {
		chosen, err := choose(selection)
		var names []string
		for _, a := range chosen {
			names = append(names, a.Name)
		}
		if got := strings.Join(names, " "); err != nil || got != want {
			t.Errorf("-checks %s: %q, %v; want %q", selection, got, err, want)
		}
	}
}
