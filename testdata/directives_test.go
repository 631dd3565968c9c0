package testdata_test

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/idemlint/idemlint/analyzer"
	"github.com/idemlint/idemlint/internal/driver"
	"github.com/idemlint/idemlint/models"
)

var (
	reportedBy = regexp.MustCompile(`// reported by (\w+)$`)
	directives = regexp.MustCompile(`(?m)//idemlint:([a-z-]+)`)
	tableWord  = regexp.MustCompile("(?m)^\\| `([a-z]+)` \\|")
)

// TestDirectiveExamples lints the examples of docs/DIRECTIVES.md: what a line says is
// reported there, and nothing else is. Every word of the table has an example, and
// coverage names its directive.
func TestDirectiveExamples(t *testing.T) {
	text, err := os.ReadFile(filepath.Join("..", "docs", "DIRECTIVES.md"))
	if err != nil {
		t.Fatal(err)
	}
	blocks := strings.Split(string(text), "```go\n")[1:]
	root, err := os.MkdirTemp(".", "_directives")
	if err != nil {
		t.Fatal(err)
	}
	defer os.RemoveAll(root)
	var patterns, want, shown []string
	for i, block := range blocks {
		code, _, _ := strings.Cut(block, "```")
		dir := filepath.Join(root, fmt.Sprintf("example%02d", i))
		if err := os.Mkdir(dir, 0o777); err != nil {
			t.Fatal(err)
		}
		src := string(example(code))
		if err := os.WriteFile(filepath.Join(dir, "example.go"), []byte(src), 0o666); err != nil {
			t.Fatal(err)
		}
		for n, line := range strings.Split(src, "\n") {
			if m := reportedBy.FindStringSubmatch(line); m != nil {
				want = append(want, fmt.Sprintf("example%02d:%d %s", i, n+1, m[1]))
			}
		}
		for _, m := range directives.FindAllStringSubmatch(code, -1) {
			shown = append(shown, m[1])
		}
		patterns = append(patterns, "./"+filepath.ToSlash(dir))
	}
	res := driver.Run(driver.Config{
		Patterns: patterns, Checks: analyzer.Analyzers(), Opens: models.NewIndex(models.All()).Opens,
	})
	for _, p := range res.Problems {
		t.Error(p)
	}
	var got []string
	for _, f := range res.Findings {
		at := res.Fset.Position(f.Pos)
		got = append(got, fmt.Sprintf("%s:%d %s", filepath.Base(filepath.Dir(at.Filename)), at.Line, f.Check))
	}
	slices.Sort(got)
	slices.Sort(want)
	if !slices.Equal(got, want) {
		t.Errorf("reported are\n%s\nand the examples say\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	var words []string
	for _, m := range tableWord.FindAllStringSubmatch(string(text), -1) {
		words = append(words, m[1])
	}
	covered := ""
	for _, p := range res.Packages {
		for _, w := range p.Coverage.Windows {
			covered += strings.Join(w.Directives, "\n") + "\n"
		}
	}
	for _, word := range []string{"receive", "settle", "nack", "deadletter", "renew", "read", "write", "create", "append", "remove", "send", "call", "handler", "message"} {
		if !slices.Contains(words, word) {
			t.Errorf("%s stands in no table", word)
		}
		if !slices.Contains(shown, word) {
			t.Errorf("%s has no example", word)
		}
		if !strings.Contains(covered, "//idemlint:"+word) && word != "message" {
			t.Errorf("coverage names no directive with %s:\n%s", word, covered)
		}
	}
	for _, word := range []string{"ignore", "idempotent", "at-most-once"} {
		if !slices.Contains(shown, word) {
			t.Errorf("%s has no example", word)
		}
	}
}
