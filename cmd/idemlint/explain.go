package main

import (
	"flag"
	"fmt"
	"io"
	"strings"

	"github.com/idemlint/idemlint/analyzer"
)

// width is where prose is wrapped.
const width = 80

// explainCheck prints everything that is written about a check.
func explainCheck(out io.Writer, c analyzer.Check) {
	d := c.Doc
	fmt.Fprintf(out, "%s: %s\n", d.Name, d.Summary)
	prose := func(title, text string) {
		if text != "" {
			fmt.Fprintf(out, "\n%s\n%s", title, wrap(text, "  "))
		}
	}
	code := func(title, text string) {
		if text = strings.Trim(text, "\n"); text != "" {
			fmt.Fprintf(out, "\n%s\n", title)
			for line := range strings.Lines(text + "\n") {
				if line = strings.TrimRight(line, " \t\n"); line != "" {
					line = "    " + line
				}
				fmt.Fprintln(out, line)
			}
		}
	}
	prose("Reports", d.Reports)
	prose("Stays silent on", d.Silent)
	code("Before", d.Before)
	if len(d.Schedule) > 0 {
		fmt.Fprintf(out, "\nThe schedule that does the harm\n")
		for i, s := range d.Schedule {
			fmt.Fprintf(out, "  %2d. %s\n", i+1, s)
		}
	}
	prose("Mend", d.Mend)
	code("After", d.After)
	prose("Options", d.Options)
	c.Analyzer.Flags.VisitAll(func(f *flag.Flag) {
		fmt.Fprintf(out, "  -%s.%s (default %q)\n%s", d.Name, f.Name, f.DefValue, wrap(f.Usage, "      "))
	})
	if len(d.Sources) > 0 {
		fmt.Fprintf(out, "\nSources\n")
		for _, s := range d.Sources {
			fmt.Fprintf(out, "  %s\n", s)
		}
	}
	fmt.Fprintf(out, "\n%s\n", d.URL())
}

// wrap breaks prose into indented lines; an empty line separates paragraphs.
func wrap(text, indent string) string {
	var b strings.Builder
	for i, paragraph := range strings.Split(strings.TrimSpace(text), "\n\n") {
		if i > 0 {
			b.WriteString("\n")
		}
		line := ""
		for _, word := range strings.Fields(paragraph) {
			if line != "" && len(indent)+len(line)+1+len(word) > width {
				b.WriteString(indent + line + "\n")
				line = ""
			}
			if line != "" {
				line += " "
			}
			line += word
		}
		b.WriteString(indent + line + "\n")
	}
	return b.String()
}
