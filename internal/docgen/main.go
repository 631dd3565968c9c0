// Command docgen writes docs/checks: one page per check and an index, out of what
// the checks say about themselves.
//
//	go run ./internal/docgen [-check] [dir]
//
// With -check it writes nothing and exits with 1 where a page is not up to date.
package main

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"sort"
	"strings"

	"github.com/idemlint/idemlint/analyzer"
)

func main() {
	check := flag.Bool("check", false, "only tell whether the pages are up to date")
	flag.Parse()
	dir := filepath.Join("docs", "checks")
	if flag.NArg() > 0 {
		dir = flag.Arg(0)
	}
	pages := Pages(analyzer.Checks())
	var names []string
	for name := range pages {
		names = append(names, name)
	}
	sort.Strings(names)
	if err := write(dir, names, pages, *check); err != nil {
		fmt.Fprintln(os.Stderr, "docgen:", err)
		os.Exit(1)
	}
}

func write(dir string, names []string, pages map[string][]byte, check bool) error {
	if !check {
		if err := os.MkdirAll(dir, 0o777); err != nil {
			return err
		}
	}
	for _, name := range names {
		file := filepath.Join(dir, name)
		if old, err := os.ReadFile(file); err == nil && bytes.Equal(old, pages[name]) {
			continue
		}
		if check {
			return fmt.Errorf("%s is not up to date: run go run ./internal/docgen", file)
		}
		if err := os.WriteFile(file, pages[name], 0o666); err != nil {
			return err
		}
	}
	return nil
}

// Pages makes the pages by file name: README.md, the index, and one per check.
func Pages(checks []analyzer.Check) map[string][]byte {
	pages := map[string][]byte{}
	var index bytes.Buffer
	index.WriteString("# The checks\n\n| check | |\n|---|---|\n")
	for _, c := range checks {
		fmt.Fprintf(&index, "| [%s](%s.md) | %s |\n", c.Doc.Name, c.Doc.Name, strings.ReplaceAll(c.Doc.Summary, "|", "\\|"))
		pages[c.Doc.Name+".md"] = page(c)
	}
	pages["README.md"] = index.Bytes()
	return pages
}

// page is one check's page.
func page(c analyzer.Check) []byte {
	var b bytes.Buffer
	d := c.Doc
	fmt.Fprintf(&b, "<!-- Made by internal/docgen from passes/%s; change it there. -->\n\n# %s\n\n%s.\n", d.Name, d.Name, strings.TrimSuffix(d.Summary, "."))
	prose := func(title, text string) {
		if text = strings.TrimSpace(text); text != "" {
			fmt.Fprintf(&b, "\n## %s\n\n%s\n", title, text)
		}
	}
	code := func(title, text string) {
		if text = strings.Trim(text, "\n"); text != "" {
			fmt.Fprintf(&b, "\n## %s\n\n```go\n%s\n```\n", title, text)
		}
	}
	prose("Reports", d.Reports)
	prose("Stays silent on", d.Silent)
	code("Before", d.Before)
	if len(d.Schedule) > 0 {
		b.WriteString("\n## The schedule that does the harm\n\n")
		for i, s := range d.Schedule {
			fmt.Fprintf(&b, "%d. %s\n", i+1, s)
		}
	}
	prose("Mend", d.Mend)
	code("After", d.After)
	options := strings.TrimSpace(d.Options)
	var flags bytes.Buffer
	c.Analyzer.Flags.VisitAll(func(f *flag.Flag) {
		fmt.Fprintf(&flags, "- `-%s.%s` (default `%s`): %s\n", d.Name, f.Name, f.DefValue, f.Usage)
	})
	prose("Options", strings.TrimSpace(options+"\n\n"+flags.String()))
	if len(d.Sources) > 0 {
		b.WriteString("\n## Sources\n\n")
		for _, s := range d.Sources {
			fmt.Fprintf(&b, "- %s\n", s)
		}
	}
	return b.Bytes()
}
