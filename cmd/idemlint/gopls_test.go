package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestGoplsRefused: what "idemlint gopls" cannot do it says in one line, and exits with
// 2. (What it builds is tested in internal/gopls.)
func TestGoplsRefused(t *testing.T) {
	old := t.TempDir() // a go command that is too old
	if err := os.WriteFile(filepath.Join(old, "go"), []byte("#!/bin/sh\necho go1.25.3\n"), 0o777); err != nil {
		t.Fatal(err)
	}
	root, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	checkout := []string{"-idemlint", root}
	for _, c := range []struct {
		name string
		env  []string
		args []string
		want string
	}{
		{"an unknown flag", nil, []string{"-nope"}, "unknown flag -nope; idemlint gopls -h lists the flags"},
		{"a package", nil, []string{"./..."}, "it takes flags only, not \"./...\"; idemlint gopls -h lists them"},
		{"no checkout", nil, nil, "this idemlint was built from a checkout; say where that is with -idemlint dir"},
		{"a checkout of something else", nil, []string{"-idemlint", "."}, "-idemlint .: no go.mod of module github.com/idemlint/idemlint there"},
		{"a directory to write to", nil, append(checkout, "-o", "."), "-o .: is a directory; give the file's name"},
		{"no directory to write to", nil, append(checkout, "-o", "nope/gopls"), "-o nope/gopls: there is no directory "},
		{"no go command", []string{"PATH=/nowhere"}, checkout, "the go command is not in the PATH"},
		{"a go command that is too old", []string{"PATH=" + old}, checkout, "gopls v0.23.0 with idemlint takes Go 1.26 or later; the go command in the PATH is go1.25.3"},
		{"no network", []string{"GOPROXY=off", "GOMODCACHE=" + old + "/none"}, checkout, "fetching gopls v"},
		{"no such release", []string{"GOPROXY=off"}, append(checkout, "-gopls", "v0.99.0"), "fetching gopls v0.99.0: golang.org/x/tools/gopls@v0.99.0: "},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			dir := module(t, nil)
			stdout, stderr, code := call(t, dir, c.env, binary, append([]string{"gopls"}, c.args...)...)
			if code != trouble || stdout != "" {
				t.Errorf("exit %d and output %q, want %d and none", code, stdout, trouble)
			}
			if strings.Count(stderr, "\n") != 1 || !strings.HasPrefix(stderr, "idemlint gopls: "+c.want) {
				t.Errorf("stderr:\n%swant one line that begins with\nidemlint gopls: %s", stderr, c.want)
			}
			if list, _ := os.ReadDir(dir); len(list) != 1 {
				t.Errorf("it leaves %v behind", list)
			}
		})
	}
}

func TestGoplsHelp(t *testing.T) {
	stdout, stderr, code := call(t, module(t, nil), nil, binary, "gopls", "-h")
	if code != clean || stderr != "" || !strings.Contains(stdout, "usage: idemlint gopls [-o file]") || !strings.Contains(stdout, "-idemlint dir\n") {
		t.Errorf("exit %d, errors %q, output\n%s", code, stderr, stdout)
	}
}

func TestIsCheckout(t *testing.T) {
	for text, want := range map[string]bool{
		"module github.com/idemlint/idemlint\n\ngo 1.26.0\n":   true,
		"// x\nmodule \"github.com/idemlint/idemlint\" // y\n": true,
		"module github.com/idemlint/idemlint/testdata\n":       false,
		"module example.com/m\n":                               false,
	} {
		if got := isCheckout(module(t, map[string]string{"go.mod": text})); got != want {
			t.Errorf("%q: %v, want %v", text, got, want)
		}
	}
	if isCheckout(t.TempDir()) {
		t.Error("an empty directory is taken for a checkout")
	}
}
