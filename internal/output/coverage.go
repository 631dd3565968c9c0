package output

import (
	"bytes"
	"fmt"

	"github.com/idemlint/idemlint/internal/finding"
)

// Package is what was understood of one package.
type Package struct {
	Path     string
	Analysed bool
	Coverage finding.Coverage
}

type (
	unresolved struct {
		Location location `json:"location"`
		Callee   string   `json:"callee"`
		Why      string   `json:"why"`
	}
	window struct {
		Kind       string       `json:"kind"` // "window"
		Package    string       `json:"package"`
		Function   string       `json:"function"`
		Location   location     `json:"location"`
		System     string       `json:"system"`
		Settle     string       `json:"settle"`
		Lease      string       `json:"lease"`
		Effects    int          `json:"effects"`
		Directives []string     `json:"directives,omitempty"`
		Unresolved []unresolved `json:"unresolved"`
	}
	totals struct {
		Kind       string `json:"kind"` // "total"
		Packages   int    `json:"packages"`
		Analysed   int    `json:"analysed"`
		Windows    int    `json:"windows"`
		Effects    int    `json:"effects"`
		Unresolved int    `json:"unresolved"`
	}
)

// coverage writes for each window what was understood of it, then the totals.
func (w *Writer) coverage(packages []Package) error {
	var buf bytes.Buffer
	sum := total(packages)
	for _, p := range packages {
		for _, win := range p.Coverage.Windows {
			if w.Format != JSON {
				w.windowText(&buf, win)
				continue
			}
			o := window{
				Kind: "window", Package: p.Path, Function: win.Function, Location: w.location(win.Pos),
				System: win.System, Settle: win.Settle, Lease: win.Lease, Effects: win.Effects, Directives: win.Directives, Unresolved: []unresolved{},
			}
			for _, u := range win.Unresolved {
				o.Unresolved = append(o.Unresolved, unresolved{w.location(u.Pos), u.Callee, u.Why})
			}
			if err := w.object(&buf, o); err != nil {
				return err
			}
		}
	}
	if w.Format == JSON {
		if err := w.object(&buf, sum); err != nil {
			return err
		}
	} else {
		fmt.Fprintf(&buf, "coverage: %s\n", sum)
		if rest := sum.Packages - sum.Analysed; rest > 0 {
			fmt.Fprintf(&buf, "    %s not analysed: no modelled SDK and no directive within reach, or not compiled\n", count(rest, "package"))
		}
	}
	_, err := w.Out.Write(buf.Bytes())
	return err
}

// total counts what was understood.
func total(packages []Package) totals {
	sum := totals{Kind: "total", Packages: len(packages)}
	for _, p := range packages {
		if p.Analysed {
			sum.Analysed++
		}
		for _, win := range p.Coverage.Windows {
			sum.Windows++
			sum.Effects += win.Effects
			sum.Unresolved += len(win.Unresolved)
		}
	}
	return sum
}

func (t totals) String() string {
	return fmt.Sprintf("%s, %d analysed, %s, %s, %s", count(t.Packages, "package"), t.Analysed,
		count(t.Windows, "window"), count(t.Effects, "effect"), count(t.Unresolved, "unresolved call"))
}

func (w *Writer) windowText(buf *bytes.Buffer, win finding.Window) {
	fmt.Fprintf(buf, "%s: window in %s: %s, settled: %s, lease: %s, %s, %s\n", w.paint(bold, w.place(win.Pos)), win.Function,
		win.System, win.Settle, win.Lease, count(win.Effects, "effect"), count(len(win.Unresolved), "unresolved call"))
	for _, d := range win.Directives {
		fmt.Fprintf(buf, "    by %s\n", d)
	}
	for _, u := range win.Unresolved {
		fmt.Fprintf(buf, "    %s: %s: %s\n", w.place(u.Pos), u.Callee, u.Why)
	}
}

func count(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}
