package window

import (
	"slices"

	"github.com/idemlint/idemlint/internal/engine"
	"github.com/idemlint/idemlint/internal/summary"
	"github.com/idemlint/idemlint/internal/value"
	"github.com/idemlint/idemlint/models"
)

// Together reports whether two statements are made or undone together: they are made
// through one open transaction. A function that is handed its transaction by an SDK has
// one that is not known otherwise.
func (w *Window) Together(x, y *Effect) bool {
	a, b := x.Slots[summary.Client], y.Slots[summary.Client]
	return a != nil && a == b && (w.begun(a) || a.Kind == value.Unknown)
}

// lookedUp reports whether the window reads what the write replaces.
func (w *Window) lookedUp(x *Effect) bool {
	for i := range w.Effects {
		if y := &w.Effects[i]; y.Role == models.Read && value.Same(y.Slots[summary.Key], x.Slots[summary.Key]) {
			return true
		}
	}
	return false
}

// begun recognises an open transaction.
func (w *Window) begun(v *value.Value) bool {
	return value.Exists(v, func(y *value.Value) bool {
		if y.Kind != value.Apply {
			return false
		}
		m := w.result.index.Call(y.Text)
		return m != nil && m.FixedVerb == "BEGIN"
	})
}

// Recorded reports whether a mark of the message keeps an effect from being made twice: a
// row keyed by the message that is created in its transaction, a state that is left there
// once, or a condition that is the answer of a create (in a transaction, of a look-up) under
// such a key.
func (w *Window) Recorded(x *Effect) bool {
	for i := range w.Effects {
		y := &Effect{Effect: w.Effects[i], Model: w.result.index.Call(w.Effects[i].Func), Order: i}
		if y.Inst == x.Inst || !w.Together(x, y) {
			continue
		}
		if (y.Role == models.Create || y.Role == models.Write && w.lookedUp(y)) && len(w.Sources(y.Slots[summary.Key])[FromMessage]) > 0 || leavesState(y) {
			return true
		}
	}
	guards := x.Slots[summary.Guards]
	if guards == nil {
		return false
	}
	for _, g := range guards.Args {
		a := answer(g)
		if a == nil || !w.OfMessage(a.Args[0]) || value.Same(a.Args[0], x.Slots[summary.Key]) {
			continue
		}
		// What is only looked up may be written too late, unless a transaction holds
		// the two together.
		if client := x.Slots[summary.Client]; a.Kind == value.Written || client != nil && w.begun(client) {
			return true
		}
	}
	return false
}

// leavesState reports whether an update asks for the state that it leaves: a second one
// finds nothing to change.
func leavesState(y *Effect) bool {
	conditions := y.Slots[summary.Conditions]
	return conditions != nil && slices.ContainsFunc(conditions.Args, func(c *value.Value) bool {
		return c.Kind == value.Const && c.Text == engine.StateCondition
	})
}

// answer is the read, or the result of the write, that a condition is made of alone: "if
// seen", "if n == 0"; nil for other conditions.
func answer(g *value.Value) *value.Value {
	for {
		switch {
		case g.Kind == value.Read || g.Kind == value.Written:
			return g
		case g.Kind == value.Boxed, g.Kind == value.Apply && len(g.Args) == 1 && g.Text != "perhaps":
			g = g.Args[0]
		case g.Kind == value.Apply && len(g.Args) == 2 && g.Args[1].Kind == value.Const:
			g = g.Args[0]
		default:
			return nil
		}
	}
}
