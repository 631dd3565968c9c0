package main

import (
	"go/ast"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/tools/go/analysis"
)

// With this variable set, the check of the tests brings fixes: what it says is put in the
// place of the name of each function that it reports.
const fixesEnv = "IDEMLINT_TEST_FIXES"

func fakeFixes(call *ast.CallExpr) []analysis.SuggestedFix {
	name := os.Getenv(fixesEnv)
	sel, ok := call.Fun.(*ast.SelectorExpr)
	if name == "" || !ok {
		return nil
	}
	return []analysis.SuggestedFix{{
		Message:   "call it by another name",
		TextEdits: []analysis.TextEdit{{Pos: sel.Sel.Pos(), End: sel.Sel.End(), NewText: []byte(name)}},
	}}
}

const removing = "package a\n\nimport \"os\"\n\nfunc F() {\n\tos.Remove( \"f\" )\n\tos.Remove(\"g\")\n}\n"

func fixing(t *testing.T, dir, name string, args ...string) (stdout, stderr string, code int) {
	t.Helper()
	return call(t, dir, []string{fakeEnv + "=1", fixesEnv + "=" + name}, os.Args[0], args...)
}

func read(t *testing.T, dir, name string) string {
	t.Helper()
	src, err := os.ReadFile(filepath.Join(dir, name))
	if err != nil {
		t.Fatal(err)
	}
	return string(src)
}

func TestFix(t *testing.T) {
	dir := module(t, map[string]string{"a.go": removing, "b/b.go": strings.ReplaceAll(removing, "\n", "\r\n"), "c/c.go": "package c\n"})
	stdout, stderr, code := fixing(t, dir, "RemoveAll", "-fix")
	if stdout != "" || stderr != "idemlint: 4 fixes applied in 2 files; 0 findings remain\n" || code != clean {
		t.Errorf("exit %d, output %q, errors %q", code, stdout, stderr)
	}
	want := "package a\n\nimport \"os\"\n\nfunc F() {\n\tos.RemoveAll(\"f\")\n\tos.RemoveAll(\"g\")\n}\n"
	if got := read(t, dir, "a.go"); got != want {
		t.Errorf("a.go: %q", got)
	}
	if got := read(t, dir, "b/b.go"); got != strings.ReplaceAll(want, "\n", "\r\n") {
		t.Errorf("b.go, with CRLF: %q", got)
	}
	if left, _ := filepath.Glob(filepath.Join(dir, "*", ".idemlint*")); len(left) > 0 {
		t.Errorf("left behind: %q", left)
	}
}

// TestFixRemains: what has no fix, or has not lost its cause, is reported after -fix.
func TestFixRemains(t *testing.T) {
	dir := module(t, map[string]string{"a.go": removing})
	stdout, stderr, code := fixing(t, dir, "Mkdir", "-etag.strict", "-fix")
	if !strings.HasPrefix(stderr, "idemlint: the fixes were taken back: with them a.go:6:14: not enough arguments in call to os.Mkdir") {
		t.Errorf("errors %q", stderr)
	}
	if code != trouble || strings.Count(stdout, "calls os.Remove (etag)\n") != 2 || read(t, dir, "a.go") != removing {
		t.Errorf("fixes that do not compile: exit %d, output\n%sfile\n%s", code, stdout, read(t, dir, "a.go"))
	}

	if stdout, stderr, code = fixing(t, dir, "Remove", "-fix"); code != found || strings.Count(stdout, "calls os.Remove (etag)\n") != 2 ||
		stderr != "idemlint: 2 fixes applied in 1 file; 2 findings remain\n" {
		t.Errorf("fixes that do not help: exit %d, output\n%serrors %q", code, stdout, stderr)
	}
	if stdout, stderr, code = fake(t, dir, "-fix"); code != found || strings.Count(stdout, "calls os.Remove (etag)\n") != 2 ||
		stderr != "idemlint: 0 fixes applied; 2 findings remain\n" {
		t.Errorf("no fixes: exit %d, output\n%serrors %q", code, stdout, stderr)
	}
}

func TestDiff(t *testing.T) {
	dir := module(t, map[string]string{"a.go": removing, "b/b.go": "package b\n"})
	stdout, stderr, code := fixing(t, dir, "RemoveAll", "-diff", "-fix")
	const want = `--- a/a.go
+++ b/a.go
@@ -3,6 +3,6 @@
 import "os"
 
 func F() {
-	os.Remove( "f" )
-	os.Remove("g")
+	os.RemoveAll("f")
+	os.RemoveAll("g")
 }
`
	if stdout != want || stderr != "idemlint: 2 fixes to apply in 1 file, of 2 findings\n" || code != found {
		t.Errorf("exit %d, errors %q, output\n%s", code, stderr, stdout)
	}
	if read(t, dir, "a.go") != removing {
		t.Error("the diff changed the file")
	}
	if err := os.WriteFile(filepath.Join(dir, "fixes.diff"), []byte(stdout), 0o666); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command("git", "apply", "fixes.diff")
	cmd.Dir = dir
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("git apply: %v\n%s", err, out)
	}
	if stdout, stderr, code = fixing(t, dir, "RemoveAll", "-diff"); stdout != "" || code != clean || stderr != "idemlint: 0 fixes to apply, of 0 findings\n" {
		t.Errorf("once applied: exit %d, errors %q, output\n%s", code, stderr, stdout)
	}
	if _, stderr, code = fixing(t, dir, "RemoveAll", "-diff", "-f", "json"); code != trouble || !strings.Contains(stderr, "-diff prints a diff") {
		t.Errorf("-diff with -f: exit %d, errors %q", code, stderr)
	}
}
