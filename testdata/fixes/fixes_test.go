package fixes

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/idemlint/idemlint/analyzer"
	"github.com/idemlint/idemlint/internal/driver"
	"github.com/idemlint/idemlint/internal/finding"
	"github.com/idemlint/idemlint/internal/fix/apply"
	"github.com/idemlint/idemlint/models"
)

var update = flag.Bool("update", false, "write the golden files anew")

// lint lints packages with all checks; every one must compile.
func lint(t *testing.T, patterns []string) *driver.Result {
	t.Helper()
	res := driver.Run(driver.Config{
		Patterns: patterns, Checks: analyzer.Analyzers(), Opens: models.NewIndex(models.All()).Opens,
	})
	for _, p := range res.Problems {
		t.Error(p)
	}
	return res
}

// cases are the folders that hold one.
func cases(t *testing.T) []string {
	t.Helper()
	files, err := filepath.Glob("testdata/*/*/handler.go")
	if err != nil || len(files) == 0 {
		t.Fatal("no cases", err)
	}
	var dirs []string
	for _, f := range files {
		if strings.Contains(filepath.ToSlash(f), "/played/") {
			continue // golden files that compile
		}
		dirs = append(dirs, "./"+filepath.ToSlash(filepath.Dir(f)))
	}
	return dirs
}

var expectation = regexp.MustCompile(`^\s*// now: ([a-z, ]+?)(?:; then: ([a-z, ]+))?$`)

// expected reads a handler's expectations: "// now: etag; then: increment" stands above
// the line that etag reports, and that increment reports when the fixes are made.
func expected(src []byte, fixed bool) []string {
	var list []string
	for i, line := range strings.Split(string(src), "\n") {
		m := expectation.FindStringSubmatch(line)
		if m == nil {
			continue
		}
		names := m[1]
		if fixed {
			names = m[2]
		}
		for name := range strings.SplitSeq(names, ",") {
			if name = strings.TrimSpace(name); name != "" && name != "nothing" {
				list = append(list, fmt.Sprintf("%d %s", i+2, name))
			}
		}
	}
	slices.Sort(list)
	return list
}

// reported are the findings in a folder, as expected lists them.
func reported(res *driver.Result, dir string) []string {
	var list []string
	for _, f := range within(res, dir) {
		list = append(list, fmt.Sprintf("%d %s", res.Fset.Position(f.Pos).Line, f.Check))
	}
	slices.Sort(list)
	return list
}

func within(res *driver.Result, dir string) []finding.Finding {
	var list []finding.Finding
	for _, f := range res.Findings {
		if strings.HasSuffix(filepath.ToSlash(filepath.Dir(res.Fset.Position(f.Pos).Filename)), strings.TrimPrefix(dir, ".")) {
			list = append(list, f)
		}
	}
	return list
}

// TestGolden: every case has the findings that it says, its fixes make the golden file
// of it, and that compiles against the SDK and has the findings that it says.
func TestGolden(t *testing.T) {
	dirs := cases(t)
	res := lint(t, dirs)
	fixed, err := os.MkdirTemp(".", "_fixed") // the go command overlooks it unless it is named
	if err != nil {
		t.Fatal(err)
	}
	defer os.RemoveAll(fixed)
	golden := map[string][]byte{}
	var patterns []string
	for _, dir := range dirs {
		src, err := os.ReadFile(filepath.Join(dir, "handler.go"))
		if err != nil {
			t.Fatal(err)
		}
		if got, want := reported(res, dir), expected(src, false); !slices.Equal(got, want) {
			t.Errorf("%s: reported %q, want %q", dir, got, want)
		}
		text := made(t, res, dir, src)
		if text == nil {
			continue
		}
		copied := filepath.Join(fixed, strings.ReplaceAll(strings.TrimPrefix(dir, "./testdata/"), "/", "_"))
		if err := os.Mkdir(copied, 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(copied, "handler.go"), text, 0o666); err != nil {
			t.Fatal(err)
		}
		copied = "./" + filepath.ToSlash(copied)
		golden[copied] = text
		patterns = append(patterns, copied)
	}
	after := lint(t, patterns)
	for dir, text := range golden {
		if got, want := reported(after, dir), expected(text, true); !slices.Equal(got, want) {
			t.Errorf("%s, fixed: reported %q, want %q", dir, got, want)
		}
	}
}

// made is what the fixes of a case make of it, which must be its golden file; nil where
// it has none.
func made(t *testing.T, res *driver.Result, dir string, src []byte) []byte {
	t.Helper()
	name := filepath.Join(dir, "handler.go.golden")
	plan := apply.Make(res.Fset, within(res, dir))
	if plan.Left > 0 || plan.Err != nil || len(plan.Changes) > 1 {
		t.Errorf("%s: %d fixes left, %v, %d files", dir, plan.Left, plan.Err, len(plan.Changes))
	}
	want, err := os.ReadFile(name)
	if len(plan.Changes) == 0 {
		if err == nil {
			t.Errorf("%s: there is a golden file, but no fix", dir)
		}
		return nil
	}
	got := plan.Changes[0].New
	if *update {
		if err := os.WriteFile(name, got, 0o666); err != nil {
			t.Fatal(err)
		}
		return got
	}
	if err != nil {
		t.Errorf("%s: a fix, but no golden file: %v", dir, err)
	} else if string(got) != string(want) {
		t.Errorf("%s: the fixes make\n%s\nwant\n%s", dir, got, want)
	}
	if string(got) == string(src) {
		t.Errorf("%s: a fix that changes nothing", dir)
	}
	return got
}
