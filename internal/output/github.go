package output

import (
	"bytes"
	"fmt"
	"go/token"
	"strings"

	"github.com/idemlint/idemlint/internal/finding"
)

// github writes workflow commands, which GitHub Actions shows as annotations beside
// the lines of a pull request. Coverage, as it belongs to no line, is plain text in
// the log.
//
// Source: docs.github.com, "Workflow commands for GitHub Actions"; the escapes are
// those of the runner, src/Runner.Common/ActionCommand.cs.
func (w *Writer) github(r Report) error {
	var buf bytes.Buffer
	for _, f := range r.Findings {
		from, to := w.Fset.Position(f.Pos), token.Position{}
		if f.End.IsValid() {
			to = w.Fset.Position(f.End)
		}
		buf.WriteString(w.command("idemlint "+f.Check, from, to, w.annotation(f)))
	}
	for _, p := range r.Problems {
		buf.WriteString(w.command("idemlint", p.Pos, token.Position{}, oneLine(p.Message)))
	}
	if _, err := w.Out.Write(buf.Bytes()); err != nil {
		return err
	}
	if r.WithCoverage {
		return w.coverage(r.Packages)
	}
	return nil
}

// annotation is the text of a finding: message, places, schedule.
func (w *Writer) annotation(f finding.Finding) string {
	var places, steps []string
	for _, r := range f.Related {
		places = append(places, w.rootPlace(w.Fset.Position(r.Pos))+": "+oneLine(r.Message))
	}
	for i, step := range f.Schedule {
		steps = append(steps, fmt.Sprintf("%d. %s", i+1, oneLine(step)))
	}
	text := oneLine(f.Message)
	for _, block := range [][]string{places, steps, {w.pageOf(f.Check)}} {
		if lines := strings.Join(block, "\n"); lines != "" {
			text += "\n\n" + lines
		}
	}
	return text
}

// pageOf is where a check's page stands, empty for one that is not known.
func (w *Writer) pageOf(check string) string {
	for _, c := range w.Checks {
		if c.Name == check {
			return c.URL()
		}
	}
	return ""
}

// command is one workflow command with its line end; to may be empty.
func (w *Writer) command(title string, from, to token.Position, text string) string {
	var b strings.Builder
	b.WriteString("::error ")
	if from.Filename != "" {
		name, _ := w.inRoot(from.Filename)
		fmt.Fprintf(&b, "file=%s,", property.Replace(name))
		if from.Line > 0 {
			fmt.Fprintf(&b, "line=%d,", from.Line)
		}
		if to.Line > from.Line {
			fmt.Fprintf(&b, "endLine=%d,", to.Line)
		}
		// GitHub takes columns only of what stands in one line.
		if from.Column > 0 && to.Line <= from.Line {
			fmt.Fprintf(&b, "col=%d,", w.files.column(from))
			if to.Line == from.Line && to.Column > from.Column {
				fmt.Fprintf(&b, "endColumn=%d,", w.files.column(to))
			}
		}
	}
	b.WriteString("title=" + property.Replace(title) + "::" + data.Replace(text) + "\n")
	return b.String()
}

var (
	data     = strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A")
	property = strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A", ":", "%3A", ",", "%2C")
)
