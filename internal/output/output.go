// Package output writes findings and coverage: text for people, JSON for programs,
// SARIF and workflow commands for CI, a page to read and pass on.
package output

import (
	"bytes"
	"encoding/json"
	"fmt"
	"go/token"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/idemlint/idemlint/internal/doc"
	"github.com/idemlint/idemlint/internal/finding"
)

// The formats, by the names that -f takes.
const (
	Text   = "text"
	JSON   = "json"
	SARIF  = "sarif"
	GitHub = "github"
	HTML   = "html"
)

// Formats are the names that -f takes.
var Formats = []string{Text, JSON, SARIF, GitHub, HTML}

// Writer writes in one format.
type Writer struct {
	Out  io.Writer
	Fset *token.FileSet
	// Dir is what file names are relative to, in text and JSON.
	Dir string
	// Root is what they are relative to in SARIF, workflow commands and the page: the
	// root of the repository, because that is what CI systems resolve them against.
	Root string
	// Format is one of Formats.
	Format string
	// Color uses the terminal's colours in text.
	Color bool
	// Checks are those that ran, with their documentation; Version is the linter's.
	Checks  []doc.Check
	Version string

	files sources
}

// Report is all there is to write.
type Report struct {
	// Findings are written in the order given.
	Findings []finding.Finding
	// Packages are those asked for; WithCoverage tells about their windows, too.
	Packages     []Package
	WithCoverage bool
	// Problems tell what could not be analysed. Text and JSON leave them to stderr.
	Problems []Problem
}

// Problem is a place, which may be empty, and one clear line.
type Problem struct {
	Pos     token.Position
	Message string
}

// Report writes everything in the writer's format.
func (w *Writer) Report(r Report) error {
	switch w.Format {
	case SARIF:
		return w.sarif(r)
	case HTML:
		return w.html(r)
	case GitHub:
		return w.github(r)
	}
	err := w.findings(r.Findings)
	if err == nil && r.WithCoverage {
		err = w.coverage(r.Packages)
	}
	return err
}

// findings writes text or JSON.
func (w *Writer) findings(findings []finding.Finding) error {
	var buf bytes.Buffer
	for _, f := range findings {
		if w.Format == JSON {
			if err := w.object(&buf, w.finding(f)); err != nil {
				return err
			}
		} else {
			w.text(&buf, f)
		}
	}
	_, err := w.Out.Write(buf.Bytes())
	return err
}

// Relative names a file as the go command does: relative to dir where that is
// shorter.
func Relative(dir, file string) string {
	if file == "" {
		return ""
	}
	if !filepath.IsAbs(file) {
		return filepath.ToSlash(filepath.Clean(file))
	}
	if rel, err := filepath.Rel(dir, file); err == nil && len(rel) < len(file) {
		return filepath.ToSlash(rel)
	}
	return filepath.ToSlash(file)
}

// Place is "file:line:col" as far as it is known, or "-".
func Place(dir string, pos token.Position) string {
	pos.Filename = Relative(dir, pos.Filename)
	return pos.String()
}

// Terminal colours.
const (
	bold  = "\x1b[1m"
	red   = "\x1b[31m"
	faint = "\x1b[2m"
	plain = "\x1b[0m"
)

func (w *Writer) paint(code, s string) string {
	if !w.Color {
		return s
	}
	return code + s + plain
}

// text is the finding on one line, then indented the places that take part and the
// steps of the schedule, numbered.
func (w *Writer) text(out io.Writer, f finding.Finding) {
	fmt.Fprintf(out, "%s: %s %s\n", w.paint(bold, w.place(f.Pos)), oneLine(f.Message), w.paint(red, "("+f.Check+")"))
	for _, r := range f.Related {
		fmt.Fprintf(out, "    %s: %s\n", w.place(r.Pos), oneLine(r.Message))
	}
	for i, step := range f.Schedule {
		fmt.Fprintf(out, "    %s %s\n", w.paint(faint, fmt.Sprintf("%2d.", i+1)), oneLine(step))
	}
}

func oneLine(s string) string { return strings.Join(strings.Fields(s), " ") }

func (w *Writer) place(pos token.Pos) string { return Place(w.Dir, w.Fset.Position(pos)) }

// The JSON form; its field names are part of the interface.
type (
	location struct {
		File   string `json:"file"`
		Line   int    `json:"line"`
		Column int    `json:"column"`
	}
	related struct {
		Location location `json:"location"`
		Message  string   `json:"message"`
	}
	edit struct {
		Location location `json:"location"`
		End      location `json:"end"`
		New      string   `json:"new"`
	}
	fix struct {
		Message string `json:"message"`
		Edits   []edit `json:"edits"`
	}
	object struct {
		Code     string    `json:"code"`
		Severity string    `json:"severity"`
		Message  string    `json:"message"`
		Location location  `json:"location"`
		End      location  `json:"end"`
		Related  []related `json:"related"`
		Schedule []string  `json:"schedule"`
		Fixes    []fix     `json:"fixes"`
		ID       string    `json:"id"`
	}
)

func (w *Writer) finding(f finding.Finding) object {
	end := f.End
	if !end.IsValid() {
		end = f.Pos
	}
	o := object{
		Code: f.Check, Severity: "warning", Message: oneLine(f.Message),
		Location: w.location(f.Pos), End: w.location(end),
		Related: []related{}, Schedule: append([]string{}, f.Schedule...), Fixes: []fix{}, ID: f.ID,
	}
	for _, r := range f.Related {
		o.Related = append(o.Related, related{w.location(r.Pos), oneLine(r.Message)})
	}
	for _, s := range f.Fixes {
		x := fix{Message: s.Message, Edits: []edit{}}
		for _, e := range w.edits(s) {
			x.Edits = append(x.Edits, edit{w.locate(e.from), w.locate(e.to), e.text})
		}
		o.Fixes = append(o.Fixes, x)
	}
	return o
}

func (w *Writer) location(pos token.Pos) location { return w.locate(w.Fset.Position(pos)) }

func (w *Writer) locate(p token.Position) location {
	return location{Relative(w.Dir, p.Filename), p.Line, p.Column}
}

// object writes one line of JSON, without escaping < and >.
func (w *Writer) object(out io.Writer, v any) error {
	enc := json.NewEncoder(out)
	enc.SetEscapeHTML(false)
	return enc.Encode(v)
}

// Colored tells whether output to a terminal shall be coloured: NO_COLOR forbids it.
func Colored(terminal bool) bool {
	return terminal && os.Getenv("NO_COLOR") == "" && os.Getenv("TERM") != "dumb"
}
