package window

import (
	"slices"

	"github.com/idemlint/idemlint/internal/engine"
	"github.com/idemlint/idemlint/internal/finding"
	"github.com/idemlint/idemlint/internal/summary"
	"github.com/idemlint/idemlint/internal/value"
	"github.com/idemlint/idemlint/models"
)

// cover tells what was understood of each window.
func (r *Result) cover() {
	for _, w := range r.Windows {
		if w.Foreign {
			continue
		}
		c := finding.Window{Pos: r.Pos(w.Receive.Place()), Function: w.Func, System: w.System(), Settle: w.settle()}
		_, c.Lease, _ = w.Lease()
		seen := map[summary.Pos]bool{}
		if w.Cut {
			c.Unresolved = append(c.Unresolved, finding.Unresolved{Pos: c.Pos, Callee: w.Func, Why: "the function is too large to be followed to its end"})
		}
		for _, x := range w.Effects {
			switch x.Role {
			case models.Write, models.Create, models.Append, models.Remove, models.Send, models.External, models.Stage, models.Handle:
				c.Effects++
			case summary.Dynamic, summary.Opaque:
				if seen[x.Pos] || !x.Held {
					continue
				}
				seen[x.Pos] = true
				why := "no implementation of the interface (or function value) is in reach"
				if x.Role == summary.Opaque {
					why = "it leaves the module and has no model"
				}
				callee := x.Func
				if callee == "" {
					callee = "function value"
				}
				e := &Effect{Effect: x}
				c.Unresolved = append(c.Unresolved, finding.Unresolved{Pos: w.Place(e), Callee: callee, Why: why})
			}
		}
		c.Directives = w.said()
		r.Coverage.Windows = append(r.Coverage.Windows, c)
	}
}

func (w *Window) settle() string {
	switch {
	case w.AutoSettles():
		return "automatic"
	case w.Settles:
		return "call"
	}
	for _, x := range w.Effects {
		switch {
		case x.Role == engine.Park:
			return "handed over"
		case x.Func == engine.Returned:
			return "result"
		}
	}
	return "none seen"
}

// said lists the directives that the window is understood by.
func (w *Window) said() []string {
	var list []string
	add := func(fn string) {
		if m := w.result.index.Call(fn); m != nil && m.Said && !slices.Contains(list, m.Source) {
			list = append(list, m.Source)
		}
	}
	add(w.Receive.Func)
	if c := w.Receive.Slots[summary.Client]; c != nil && c.Kind == value.Apply {
		add(c.Text)
	}
	for i := range w.Effects {
		add(w.Effects[i].Func)
	}
	return list
}
