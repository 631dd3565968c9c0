package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// removes is a file with a finding in each of the named functions.
func removes(functions ...string) string {
	src := "package a\n\nimport \"os\"\n"
	for _, f := range functions {
		src += "\nfunc " + f + "() {\n\tos.Remove(\"f\")\n}\n"
	}
	return src
}

// put writes a file of a module.
func put(t *testing.T, dir, name, text string) {
	t.Helper()
	name = filepath.Join(dir, name)
	if err := os.MkdirAll(filepath.Dir(name), 0o777); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(name, []byte(text), 0o666); err != nil {
		t.Fatal(err)
	}
}

// says runs the command and compares all that it says: the lines of the findings, what
// stands on stderr, the exit code.
func says(t *testing.T, dir string, code int, findings []string, errs string, args ...string) {
	t.Helper()
	stdout, stderr, got := fake(t, dir, args...)
	var lines []string
	for line := range strings.Lines(stdout) {
		if !strings.HasPrefix(line, " ") {
			lines = append(lines, strings.TrimSpace(line))
		}
	}
	if want := strings.Join(findings, "\n"); got != code || stderr != errs || strings.Join(lines, "\n") != want {
		t.Errorf("%q: exit %d, want %d; findings\n%s\nwant\n%s\nerrors %q, want %q", args, got, code, strings.Join(lines, "\n"), want, stderr, errs)
	}
}

func TestOutputFile(t *testing.T) {
	dir := module(t, map[string]string{"a.go": removes("F")})
	stdout, _, _ := fake(t, dir)
	put(t, dir, "f.txt", "old")
	says(t, dir, found, nil, "", "-o", "f.txt")
	if got, err := os.ReadFile(filepath.Join(dir, "f.txt")); string(got) != stdout || err != nil {
		t.Errorf("the file has %q, %v; want %q", got, err, stdout)
	}
	for format, begins := range map[string]string{
		"sarif": "{\n  \"$schema\": ", "html": "<!DOCTYPE html>", "github": "::error file=a.go,line=6,col=2,endColumn=16,title=idemlint etag::calls os.Remove%0A%0Aa.go:1:1: received here%0A%0A1. GET 1",
	} {
		if stdout, stderr, code := fake(t, dir, "-f", format); code != found || stderr != "" || !strings.HasPrefix(stdout, begins) {
			t.Errorf("-f %s: exit %d, errors %q, output %s", format, code, stderr, stdout)
		}
		// A file with nothing in it is a report, too.
		says(t, dir, clean, nil, "", "-f", format, "-o", "report", "errors")
	}
	// The findings of a run that could not analyse everything are worth having.
	put(t, dir, "b/b.go", "package b\n\nfunc F() { f }\n")
	says(t, dir, trouble, nil, "idemlint: b/b.go:3:12: undefined: f (package m/b does not compile and was not analysed)\n", "-o", "f.txt")
	if got, err := os.ReadFile(filepath.Join(dir, "f.txt")); string(got) != stdout || err != nil {
		t.Errorf("the file has %q, %v; want %q", got, err, stdout)
	}
}

// TestRoot: what CI reads names files from the root of the repository.
func TestRoot(t *testing.T) {
	root := t.TempDir()
	put(t, root, ".git/HEAD", "")
	put(t, root, "sub/go.mod", "module m\n\ngo 1.26\n")
	put(t, root, "sub/a/a.go", removes("F"))
	stdout, _, _ := fake(t, filepath.Join(root, "sub"), "-f", "github")
	if !strings.HasPrefix(stdout, "::error file=sub/a/a.go,") {
		t.Error(stdout)
	}
	stdout, _, _ = fake(t, filepath.Join(root, "sub"))
	if !strings.HasPrefix(stdout, "a/a.go:6:2: ") {
		t.Error(stdout)
	}
}

func TestBaseline(t *testing.T) {
	dir := module(t, map[string]string{"a/a.go": removes("F", "G"), "b/b.go": removes("H"), "c/c.go": removes("I")})
	baseline := filepath.Join(dir, "b.json")
	says(t, dir, clean, nil, "idemlint: 4 findings written to b.json\n", "-write-baseline", "b.json")
	first, err := os.ReadFile(baseline)
	if err != nil {
		t.Fatal(err)
	}
	says(t, dir, clean, nil, "", "-baseline", "b.json")

	// Lines move, functions change their order and their file: the findings are known.
	put(t, dir, "a/a.go", "// Package a has moved down.\n"+removes("G"))
	put(t, dir, "a/x.go", removes("F"))
	says(t, dir, clean, nil, "", "-baseline", "b.json")

	// A second one of a kind is new, and so is one in another function.
	put(t, dir, "a/a.go", strings.Replace(removes("G", "New"), "{\n", "{\n\tos.Remove(\"g\")\n", 1))
	says(t, dir, found, []string{"a/a.go:7:2: calls os.Remove (etag)", "a/a.go:11:2: calls os.Remove (etag)"}, "", "-baseline", "b.json")

	// What is gone is told, and named as far as three kinds.
	put(t, dir, "a/a.go", "package a\n")
	says(t, dir, clean, nil, "idemlint: 1 finding of the baseline is gone: etag in a/a.go; -write-baseline b.json forgets it\n", "-baseline", "b.json")
	put(t, dir, "a/x.go", "package a\n")
	put(t, dir, "b/b.go", "package b\n")
	if err := os.RemoveAll(filepath.Join(dir, "c")); err != nil {
		t.Fatal(err)
	}
	says(t, dir, clean, nil, "idemlint: 4 findings of the baseline are gone: 2 × etag in a/a.go, etag in b/b.go, etag in c/c.go; -write-baseline b.json forgets them\n", "-baseline", "b.json")
	// Packages that were not asked for are not gone; a file that is not there is.
	says(t, dir, clean, nil, "idemlint: 2 findings of the baseline are gone: etag in b/b.go, etag in c/c.go; -write-baseline b.json forgets them\n", "-baseline", "b.json", "./b")
	// Where something could not be analysed, nobody knows what is gone.
	put(t, dir, "b/b.go", "package b\n\nfunc F() { f }\n")
	const undefined = "idemlint: b/b.go:3:12: undefined: f (package m/b does not compile and was not analysed)\n"
	says(t, dir, trouble, nil, undefined, "-baseline", "b.json")
	// Nor is that a baseline: what is behind it would be new tomorrow.
	says(t, dir, trouble, nil, undefined+"idemlint: -write-baseline b.json: not written, because not everything could be analysed\n", "-write-baseline", "b.json")
	if now, err := os.ReadFile(baseline); string(now) != string(first) || err != nil {
		t.Errorf("the baseline changed: %v\n%s", err, now)
	}
	// From anywhere in the repository it is the same.
	put(t, dir, ".git/HEAD", "")
	put(t, dir, "b/b.go", removes("H"))
	says(t, dir, clean, nil, "idemlint: 1 finding written to one.json\n", "-write-baseline", "one.json")
	says(t, filepath.Join(dir, "b"), clean, nil, "idemlint: 1 finding written to ../two.json\n", "-write-baseline", "../two.json")
	one, err := os.ReadFile(filepath.Join(dir, "one.json"))
	two, err2 := os.ReadFile(filepath.Join(dir, "two.json"))
	if err != nil || err2 != nil || string(one) != string(two) {
		t.Errorf("%v, %v\n%s\n%s", err, err2, one, two)
	}
}

func git(t *testing.T, dir string, args ...string) {
	t.Helper()
	cmd := exec.Command("git", append([]string{"-c", "user.name=n", "-c", "user.email=e@example.com", "-c", "commit.gpgsign=false"}, args...)...)
	cmd.Dir = dir
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("git %q: %v\n%s", args, err, out)
	}
}

func TestNewFromRev(t *testing.T) {
	root := t.TempDir()
	dir := filepath.Join(root, "sub") // the module need not be at the root
	put(t, dir, "go.mod", "module m\n\ngo 1.26\n")
	put(t, dir, "a/a.go", removes("F", "G"))
	git(t, root, "init", "-q")
	git(t, root, "add", ".")
	git(t, root, "commit", "-qm", "first")
	rev := []string{"-new-from-rev", "HEAD"}
	says(t, dir, clean, nil, "", rev...)
	says(t, dir, trouble, nil, "idemlint: -new-from-rev nope: git knows no such revision here (a shallow clone has few)\n", "-new-from-rev", "nope")

	// A finding that only moved is old; one in a line that is new, and one whose place
	// that takes part changed (for the fake, the package clause), are new.
	put(t, dir, "a/a.go", strings.Replace(removes("F", "New", "G"), "\nfunc F", "\n// F is older.\nfunc F", 1))
	says(t, dir, found, []string{"a/a.go:11:2: calls os.Remove (etag)"}, "", rev...)
	git(t, root, "add", ".") // staged or not
	says(t, dir, found, []string{"a/a.go:11:2: calls os.Remove (etag)"}, "", rev...)
	git(t, root, "commit", "-qm", "second") // committed or not
	says(t, dir, clean, nil, "", rev...)
	says(t, dir, found, []string{"a/a.go:11:2: calls os.Remove (etag)"}, "", "-new-from-rev", "HEAD~1")
	put(t, dir, "a/a.go", strings.Replace(removes("F"), "package a", "package a // here", 1))
	says(t, dir, found, []string{"a/a.go:6:2: calls os.Remove (etag)"}, "", rev...)
	git(t, root, "checkout", "-q", ".")
	put(t, dir, "b/unknown to git.go", removes("F"))
	says(t, dir, found, []string{"b/unknown to git.go:6:2: calls os.Remove (etag)"}, "", rev...)

	// With a baseline both must hold.
	says(t, dir, clean, nil, "idemlint: 4 findings written to b.json\n", "-write-baseline", "b.json")
	says(t, dir, clean, nil, "", append(rev, "-baseline", "b.json")...)
}
