// Package doc holds what is written about a check once: -explain, the analyzer's
// own documentation and docs/checks are made from it.
package doc

import "strings"

// Check is the documentation of one check.
type Check struct {
	// Name is the analyzer's name; Summary one line without a full stop.
	Name, Summary string
	// Reports says what is reported and Silent what is not, in prose.
	Reports, Silent string
	// Before is a handler with the bug, After the same handler mended.
	Before, After string
	// Schedule is the schedule that does the harm, one step a line.
	Schedule []string
	// Mend says what to do.
	Mend string
	// Options describes the check's flags, empty where it has none.
	Options string
	// Sources are the vendor documents and issues that the facts come from.
	Sources []string
}

// URL is where the check's page stands.
func (c Check) URL() string {
	return "https://github.com/idemlint/idemlint/blob/main/docs/checks/" + c.Name + ".md"
}

// Analyzer is the text for analysis.Analyzer.Doc: summary, then details.
func (c Check) Analyzer() string {
	var b strings.Builder
	b.WriteString(c.Summary + "\n\n" + c.Reports + "\n\nStays silent on: " + c.Silent + "\n\nSchedule:\n")
	for _, s := range c.Schedule {
		b.WriteString("  " + s + "\n")
	}
	b.WriteString("\nMend: " + c.Mend + "\n")
	return b.String()
}
