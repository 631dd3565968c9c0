package testdata_test

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

	"github.com/idemlint/idemlint/analyzer"
	"github.com/idemlint/idemlint/internal/driver"
	"github.com/idemlint/idemlint/models"
)

// imports are the packages that the examples of the documentation may use.
var imports = map[string]string{
	"azblob": sdk + "storage/azblob", "aztables": sdk + "data/aztables", "log": "log", "uuid": "github.com/google/uuid", "azqueue": sdk + "storage/azqueue/v2", "blob": sdk + "storage/azblob/blob",
	"bytes": "bytes", "context": "context", "http": "net/http", "json": "encoding/json", "slices": "slices",
	"fmt": "fmt", "net": "net", "rand": "crypto/rand", "time": "time", "to": sdk + "azcore/to",
}

var qualified = regexp.MustCompile(`\b([a-z]+)\.[A-Z]`)

// TestExamples lints the examples of the checks' documentation: what stands before is
// reported, by that check alone, and what stands after is not.
func TestExamples(t *testing.T) {
	// The go command overlooks folders that begin with "_" unless they are named.
	root, err := os.MkdirTemp(".", "_examples")
	if err != nil {
		t.Fatal(err)
	}
	defer os.RemoveAll(root)
	want := map[string]string{}
	var patterns []string
	for _, c := range analyzer.Checks() {
		for name, code := range map[string]string{"before": c.Doc.Before, "after": c.Doc.After} {
			dir := filepath.Join(root, c.Doc.Name+name)
			if err := os.Mkdir(dir, 0o777); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(filepath.Join(dir, "example.go"), example(code), 0o666); err != nil {
				t.Fatal(err)
			}
			want[filepath.Base(dir)] = ""
			if name == "before" {
				want[filepath.Base(dir)] = c.Doc.Name
			}
			patterns = append(patterns, "./"+filepath.ToSlash(dir))
		}
	}
	res := driver.Run(driver.Config{
		Patterns: patterns, Checks: analyzer.Analyzers(), Opens: models.NewIndex(models.All()).Opens,
	})
	for _, p := range res.Problems {
		t.Error(p)
	}
	got := map[string]string{}
	for _, f := range res.Findings {
		dir := filepath.Base(filepath.Dir(res.Fset.Position(f.Pos).Filename))
		got[dir] += f.Check
	}
	for dir, check := range want {
		if got[dir] != check {
			t.Errorf("%s: reported by %q, want %q", dir, got[dir], check)
		}
	}
}

// example makes a file of an example.
func example(code string) []byte {
	var b bytes.Buffer
	b.WriteString("package example\n\nimport (\n")
	var seen []string
	for _, m := range qualified.FindAllStringSubmatch(code, -1) {
		if path, ok := imports[m[1]]; ok && !slices.Contains(seen, m[1]) {
			seen = append(seen, m[1])
			fmt.Fprintf(&b, "\t%q\n", path)
		}
	}
	b.WriteString(")\n" + code)
	return b.Bytes()
}

// TestReadme runs the demo as the README says and compares the output with what
// stands there. Code that the README quotes must stand in the demo.
func TestReadme(t *testing.T) {
	text, err := os.ReadFile(filepath.Join("..", "README.md"))
	if err != nil {
		t.Fatal(err)
	}
	const command = "$ go run ./cmd/idemlint -C testdata ./demo\n"
	_, want, ok := strings.Cut(string(text), command)
	want, _, closed := strings.Cut(want, "```")
	if !ok || !closed {
		t.Fatalf("README.md has no block with %q", command)
	}
	args := strings.Fields(strings.TrimPrefix(command, "$ go "))
	cmd := exec.Command("go", args...)
	cmd.Dir = ".."
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, _ := cmd.Output()
	// With findings the command exits with 1, which go run tells in one line.
	got := string(out)
	for line := range strings.Lines(stderr.String()) {
		if !strings.HasPrefix(line, "go: downloading ") {
			got += line
		}
	}
	if got != want {
		t.Errorf("README.md is not up to date. Paste this below the command:\n%s", got)
	}

	demo, err := filepath.Glob(filepath.Join("demo", "*.go"))
	demo = append(demo, filepath.Join("..", "runtime", "explore", "readme_test.go"))
	if err != nil || len(demo) == 1 {
		t.Fatal("no demo", err)
	}
	var source strings.Builder
	for _, name := range demo {
		src, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		source.Write(src)
	}
	for i, quoted := range strings.Split(string(text), "```go\n")[1:] {
		quoted, _, _ = strings.Cut(quoted, "```")
		if !strings.Contains(source.String(), quoted) {
			t.Errorf("README.md's Go block %d does not stand in testdata/demo or in the explorer's tests:\n%s", i+1, quoted)
		}
	}
}
