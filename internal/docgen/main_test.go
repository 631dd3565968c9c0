package main

import (
	"flag"
	"path/filepath"
	"testing"

	"golang.org/x/tools/go/analysis"

	"github.com/idemlint/idemlint/analyzer"
	"github.com/idemlint/idemlint/internal/doc"
)

func TestPages(t *testing.T) {
	a := &analysis.Analyzer{Name: "etag"}
	a.Flags.Init("etag", flag.ContinueOnError)
	a.Flags.Bool("strict", false, "report more")
	pages := Pages([]analyzer.Check{{Analyzer: a, Doc: doc.Check{
		Name: "etag", Summary: "a lost update", Reports: "Writes.", Silent: "Reads.", Before: "\nw()\n", After: "w(etag)",
		Schedule: []string{"both read", "both write"}, Mend: "Pass it.", Sources: []string{"https://example.com"},
	}}})
	const want = "<!-- Made by internal/docgen from passes/etag; change it there. -->\n\n# etag\n\na lost update.\n" +
		"\n## Reports\n\nWrites.\n\n## Stays silent on\n\nReads.\n\n## Before\n\n```go\nw()\n```\n" +
		"\n## The schedule that does the harm\n\n1. both read\n2. both write\n\n## Mend\n\nPass it.\n\n## After\n\n```go\nw(etag)\n```\n" +
		"\n## Options\n\n- `-etag.strict` (default `false`): report more\n\n## Sources\n\n- https://example.com\n"
	if got := string(pages["etag.md"]); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	if got, want := string(pages["README.md"]), "# The checks\n\n| check | |\n|---|---|\n| [etag](etag.md) | a lost update |\n"; got != want {
		t.Errorf("index: got %q, want %q", got, want)
	}
}

func TestCheck(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "checks")
	pages := map[string][]byte{"a.md": []byte("a\n"), "b.md": []byte("b\n")}
	names := []string{"a.md", "b.md"}
	if err := write(dir, names, pages, true); err == nil {
		t.Error("pages that are not there count as up to date")
	}
	if err := write(dir, names, pages, false); err != nil {
		t.Fatal(err)
	}
	if err := write(dir, names, pages, true); err != nil {
		t.Errorf("right after writing: %v", err)
	}
}
