package output

import (
	"bytes"
	_ "embed"
	"fmt"
	"html/template"
	"slices"
	"strings"

	"github.com/idemlint/idemlint/internal/finding"
)

//go:embed page.html
var pageText string

var pageTemplate = template.Must(template.New("page").Parse(pageText))

// The page's data.
type (
	page struct {
		Version  string
		Findings []htmlFinding
		Checks   []htmlCheck
		Problems []htmlPlace
		Lanes    []htmlLane
		// Coverage in words; Windows is empty where it was not asked for.
		Coverage string
		Windows  []htmlWindow
	}
	htmlCheck struct {
		Name, Summary, URL string
		Count              int
		First              string // the anchor of the first finding
	}
	htmlLane struct {
		Name string
		X    string // percent of the width
	}
	htmlFinding struct {
		Anchor, Check, URL, Place, Message, ID string
		Lines                                  []htmlLine
		Related                                []htmlPlace
		Steps                                  []htmlStep
	}
	htmlLine struct {
		Number int
		Text   string
		// Kind is "here" for the finding's line, "part" for places that take part, "gap"
		// where lines are left out.
		Kind string
		Note string
	}
	htmlPlace struct{ Place, Message string }
	htmlStep  struct {
		Number int
		Text   string
		Harm   bool
		Height int
		Events []htmlEvent
	}
	htmlEvent struct {
		Kind           string // "message", "lost", "note" or "crash"
		X1, X2, Middle string // percent of the width
		Y, LabelY      int
		Label          string
		Anchor         string // of the label: start, middle, end
	}
	htmlWindow struct {
		Place, Function, System, Settle, Lease string
		Effects                                int
		Unresolved                             []htmlPlace
	}
)

// html writes one page that needs nothing else.
func (w *Writer) html(r Report) error {
	p := page{Version: w.Version, Coverage: total(r.Packages).String()}
	for i, name := range lanes {
		p.Lanes = append(p.Lanes, htmlLane{name, percent(lane(i))})
	}
	for i, f := range r.Findings {
		p.Findings = append(p.Findings, w.htmlFinding(f, fmt.Sprintf("finding-%d", i+1)))
	}
	for _, c := range w.Checks {
		row := htmlCheck{Name: c.Name, Summary: c.Summary, URL: c.URL()}
		for _, f := range slices.Backward(p.Findings) {
			if f.Check == c.Name {
				row.Count++
				row.First = f.Anchor
			}
		}
		p.Checks = append(p.Checks, row)
	}
	for _, problem := range r.Problems {
		place := ""
		if problem.Pos.Filename != "" {
			place = w.rootPlace(problem.Pos)
		}
		p.Problems = append(p.Problems, htmlPlace{place, oneLine(problem.Message)})
	}
	if r.WithCoverage {
		p.Windows = w.htmlWindows(r.Packages)
	}
	var buf bytes.Buffer
	if err := pageTemplate.Execute(&buf, p); err != nil {
		return err
	}
	_, err := w.Out.Write(buf.Bytes())
	return err
}

func (w *Writer) htmlWindows(packages []Package) []htmlWindow {
	var list []htmlWindow
	for _, p := range packages {
		for _, win := range p.Coverage.Windows {
			h := htmlWindow{w.rootPlace(w.Fset.Position(win.Pos)), win.Function, win.System, win.Settle, win.Lease, win.Effects, nil}
			for _, u := range win.Unresolved {
				h.Unresolved = append(h.Unresolved, htmlPlace{w.rootPlace(w.Fset.Position(u.Pos)), u.Callee + ": " + u.Why})
			}
			list = append(list, h)
		}
	}
	return list
}

func (w *Writer) htmlFinding(f finding.Finding, anchor string) htmlFinding {
	h := htmlFinding{
		Anchor: anchor, Check: f.Check, Place: w.rootPlace(w.Fset.Position(f.Pos)), Message: oneLine(f.Message), ID: f.ID,
		URL: w.pageOf(f.Check), Lines: w.excerpt(f), Steps: steps(f.Schedule),
	}
	for _, r := range f.Related {
		h.Related = append(h.Related, htmlPlace{w.rootPlace(w.Fset.Position(r.Pos)), oneLine(r.Message)})
	}
	return h
}

// A function longer than longFunction lines is shown around the places that matter.
const (
	longFunction = 40
	around       = 3
)

// excerpt is the source of the function that the finding stands in.
func (w *Writer) excerpt(f finding.Finding) []htmlLine {
	here := w.Fset.Position(f.Pos)
	from, to := w.files.function(here.Filename, here.Line)
	if from == 0 {
		from, to = here.Line-around, here.Line+around
	}
	from, to = max(from, 1), min(to, len(w.files.lines(here.Filename)))
	notes := map[int][]string{}
	for _, r := range f.Related {
		p := w.Fset.Position(r.Pos)
		text := oneLine(r.Message)
		if p.Filename == here.Filename && p.Line >= from && p.Line <= to && !slices.Contains(notes[p.Line], text) {
			notes[p.Line] = append(notes[p.Line], text)
		}
	}
	near := func(n int) bool {
		if to-from < longFunction || n == from || here.Line-around <= n && n <= here.Line+around {
			return true
		}
		for line := range notes {
			if line-around <= n && n <= line+around {
				return true
			}
		}
		return false
	}
	var list []htmlLine
	for n := from; n <= to; n++ {
		if !near(n) {
			if len(list) > 0 && list[len(list)-1].Kind != "gap" {
				list = append(list, htmlLine{Kind: "gap"})
			}
			continue
		}
		line := htmlLine{Number: n, Text: strings.ReplaceAll(w.files.line(here.Filename, n), "\t", "    "), Note: strings.Join(notes[n], " · ")}
		if line.Note != "" {
			line.Kind = "part"
		}
		if n == here.Line {
			line.Kind = "here"
		}
		list = append(list, line)
	}
	return list
}

// Geometry of the drawing, in CSS pixels; widths are percent, so that the drawing fits
// where it is put.
const (
	eventHeight = 30
	labelAbove  = 7
	noteAside   = 9
)

func percent(l lane) string { return fmt.Sprintf("%.1f%%", (float64(l)+0.5)*100/float64(len(lanes))) }

func between(a, b lane) string {
	return fmt.Sprintf("%.1f%%", (float64(a+b)/2+0.5)*100/float64(len(lanes)))
}

// steps lays the scenes out.
func steps(schedule []string) []htmlStep {
	var list []htmlStep
	for i, s := range scenes(schedule) {
		step := htmlStep{Number: i + 1, Text: s.Text, Harm: s.Harm, Height: max(len(s.Events), 1) * eventHeight}
		for n, e := range s.Events {
			h := htmlEvent{Kind: "message", X1: percent(e.From), X2: percent(e.To), Middle: between(e.From, e.To), Y: n*eventHeight + 2*eventHeight/3, Label: short(e.Label), Anchor: "middle"}
			h.LabelY = h.Y - labelAbove
			switch {
			case e.Crash:
				h.Kind = "crash"
			case e.From == e.To:
				h.Kind = "note"
			case e.Lost:
				h.Kind = "lost"
				h.X2 = h.Middle
			}
			if e.From == e.To {
				h.LabelY, h.Anchor = h.Y+labelAbove-3, "start"
			}
			step.Events = append(step.Events, h)
		}
		list = append(list, step)
	}
	return list
}

// longLabel is as much as fits between two lifelines in a narrow window.
const longLabel = 24

func short(label string) string {
	if r := []rune(label); len(r) > longLabel {
		return string(r[:longLabel-1]) + "…"
	}
	return label
}
