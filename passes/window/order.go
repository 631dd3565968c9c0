package window

import (
	"slices"
	"strings"

	"github.com/idemlint/idemlint/internal/engine"
	"github.com/idemlint/idemlint/internal/summary"
	"github.com/idemlint/idemlint/internal/value"
	"github.com/idemlint/idemlint/models"
)

// Late lists the work that is done of a message after it was settled, on every way
// that leads there.
func (w *Window) Late() []*Effect {
	if w.Shadowed {
		return nil
	}
	var list []*Effect
	for i, x := range w.Effects {
		e := &Effect{Effect: x, Model: w.result.index.Call(x.Func), Order: i}
		if x.Late && !x.Held && w.isWork(e) && !(w.Foreign && w.KnownThere(&x)) {
			list = append(list, e)
		}
	}
	return list
}

// FirstWork is the first thing that is done of a message, or nil.
func (w *Window) FirstWork() *Effect {
	for i, x := range w.Effects {
		if e := (&Effect{Effect: x, Model: w.result.index.Call(x.Func), Order: i}); w.isWork(e) {
			return e
		}
	}
	return nil
}

// SettleBefore is the settle that an effect comes after: the one that a way was seen to
// take, or the last that stands before it in the code; nil where there is none.
func (w *Window) SettleBefore(x *Effect) *Effect {
	if x.LateAfter != 0 {
		if y := w.Find(x.LateAfter); y != nil {
			return y
		}
	}
	var last *Effect
	for i := range w.Effects {
		if y := w.Effects[i]; y.Role == models.Settle && y.Held && i < x.Order {
			last = &Effect{Effect: y, Model: w.result.index.Call(y.Func), Order: i}
		}
	}
	return last
}

// isWork reports whether an effect makes something lasting of the message: a write, a
// send, a call that is not a look-up.
func (w *Window) isWork(x *Effect) bool {
	slots := []*value.Value{x.Slots[summary.Key], x.Slots[summary.Content]}
	switch x.Role {
	case models.Write, models.Create, models.Append, models.Send:
		if Passing(x.Slots[summary.Key]) {
			return false
		}
	case models.Handle:
		return w.OfMessage(x.Slots[summary.Message])
	case models.External:
		if verb := engine.Verb(x.Slots[summary.Verb]); verb == "GET" || verb == "HEAD" {
			return false
		}
		slots = append(slots, x.Slots[summary.Verb])
	default:
		return false
	}
	return slices.ContainsFunc(slots, w.OfMessage)
}

// OfMessage reports whether a value is made of the message.
func (w *Window) OfMessage(v *value.Value) bool {
	return v != nil && value.Exists(v, w.isMessage)
}

// isMessage recognises a received message itself.
func (w *Window) isMessage(v *value.Value) bool {
	switch v.Kind {
	case value.Received, value.Message:
		return true
	case value.Param:
		return w.result.engine.IsCarrier(strings.TrimPrefix(v.Text, "*"))
	}
	return false
}
