package window

import (
	"slices"
	"strings"

	"github.com/idemlint/idemlint/internal/engine"
	"github.com/idemlint/idemlint/internal/summary"
	"github.com/idemlint/idemlint/internal/value"
	"github.com/idemlint/idemlint/models"
)

// Relative tells how a write is relative to what was there: "adds to what was read",
// "appends to what was read", or that the service itself applies a change. Empty
// where it is not, or not provably. The field is the one that changes, "" where it is
// all of the content.
func (w *Window) Relative(x *Effect) (how, field string) {
	switch {
	case x.Role == models.Append, x.Role == models.Write && x.Model != nil && x.Model.Relative:
		return "applies a change to what is there", ""
	case x.Role != models.Write:
		return "", ""
	}
	var reads []*value.Value
	value.Sources(x.Slots[summary.Content], func(v *value.Value) {
		if v.Kind == value.Read && Same(x.Slots[summary.Key], v) && !slices.Contains(reads, v) {
			reads = append(reads, v)
		}
	})
	if len(reads) == 0 {
		return "", ""
	}
	r := relation{w: w, x: x, reads: reads, seen: map[*value.Value]bool{}}
	r.walk(x.Slots[summary.Content], "")
	return r.how, r.field
}

// relation looks for a part of a content that is made of the same part of what was read.
type relation struct {
	w     *Window
	x     *Effect
	reads []*value.Value
	seen  map[*value.Value]bool

	how, field string
}

func (r *relation) found(how, field string) { r.how, r.field = how, field }

func (r *relation) walk(v *value.Value, field string) {
	if v == nil || r.how != "" || r.seen[v] {
		return
	}
	r.seen[v] = true
	switch v.Kind {
	case value.Read, value.Fresh, value.Received, value.Renewed, value.Dyn:
		return
	case value.Struct:
		for i, n := range v.Names {
			switch {
			case n == "":
				r.walk(v.Args[i], field)
			case !countsAttempts(n):
				r.walk(v.Args[i], n)
			}
		}
		return
	case value.Apply:
		switch v.Text {
		case "guarded":
			if r.w.guardsAgainst(r.x, field, v.Args[1:]) {
				return
			}
			r.walk(v.Args[0], field)
			return
		case "+", "-", "*", "(time.Time).Add":
			for i, a := range v.Args {
				if r.old(a, field) && !slices.ContainsFunc(v.Args[:i], func(b *value.Value) bool { return r.old(b, field) }) && len(v.Args) > 1 {
					r.found("adds to what was read", field)
					return
				}
			}
		case "append", "slices.Insert", "slices.Concat":
			if len(v.Args) > 1 && r.old(v.Args[0], field) && !r.touches(v.Args[1]) {
				r.found("appends to what was read", field)
				return
			}
			if len(v.Args) > 1 && r.old(v.Args[0], field) && addsToElement(v.Args[1]) {
				r.found("adds to what was read", field)
				return
			}
		case "fmt.Sprintf", "fmt.Sprint", "fmt.Sprintln", "strings.Join", "bytes.Join", "fmt.Appendf", "fmt.Append":
			if r.joins(v, field) {
				r.found("appends to what was read", field)
				return
			}
		}
	}
	for _, a := range v.Args {
		r.walk(a, field)
	}
}

// addsToElement recognises "m[k] += n": an element that is itself and something more.
func addsToElement(list *value.Value) bool {
	return list.Kind == value.List && value.Exists(list, func(v *value.Value) bool {
		return v.Kind == value.Apply && (v.Text == "+" || v.Text == "-") && len(v.Args) == 2 && v.Args[0].Kind == value.Loop
	})
}

// joins reports whether a text is put together of all that was read and of something
// that was not.
func (r *relation) joins(v *value.Value, field string) bool {
	old, other := false, false
	for _, a := range v.Args {
		parts := []*value.Value{a}
		if a.Kind == value.List {
			parts = a.Args
		}
		for _, p := range parts {
			switch {
			case r.old(p, field):
				old = true
			case len(r.w.Sources(p)[FromMessage]) > 0 && !r.touches(p):
				other = true
			}
		}
	}
	return old && other
}

// touches reports whether a value depends on what was read.
func (r *relation) touches(v *value.Value) bool {
	return value.DependsOn(v, func(x *value.Value) bool { return slices.Contains(r.reads, x) })
}

// old reports whether a value is what was read: all of it, or the field of this name.
func (r *relation) old(v *value.Value, field string) bool {
	named := field == ""
	for v != nil {
		switch v.Kind {
		case value.Read:
			return named && slices.Contains(r.reads, v)
		case value.Field:
			named = named || strings.EqualFold(bareName(v.Text), bareName(field))
			v = v.Args[0]
		case value.Elem:
			v = v.Args[0]
		case value.Boxed:
			v = v.Args[0]
		case value.Union:
			return slices.ContainsFunc(v.Args, func(a *value.Value) bool {
				if named {
					return r.old(a, "")
				}
				return r.old(a, field)
			})
		case value.Struct:
			// What was read, with fields changed: they are looked at by themselves.
			if len(v.Names) == 0 || v.Names[0] != "" {
				return false
			}
			v = v.Args[0]
		case value.Apply:
			if len(v.Args) == 0 || v.Text == "len" || v.Text == "ok" || strings.HasPrefix(v.Text, "error of ") {
				return false
			}
			if v.Text == "+" || v.Text == "append" || v.Text == "-" {
				return slices.ContainsFunc(v.Args, func(a *value.Value) bool {
					if named {
						return r.old(a, "")
					}
					return r.old(a, field)
				})
			}
			v = v.Args[0]
		default:
			return false
		}
	}
	return false
}

func bareName(field string) string { return strings.Trim(field, "[]\"") }

// countsAttempts are fields that count deliveries or changes on purpose.
func countsAttempts(field string) bool {
	f := strings.ToLower(field)
	for _, s := range [...]string{"attempt", "retry", "retries", "tries", "deliver", "version", "revision", "generation", "etag", "failure", "heartbeat", "updates", "epoch", "fence", "sequence", "lease"} {
		if strings.Contains(f, s) {
			return true
		}
	}
	return false
}

// PositionFixed reports whether a write is conditioned on a position, a length or
// another quantity that is the same at each attempt: the second one is refused.
func (w *Window) PositionFixed(x *Effect) bool {
	if value.Exists(x.Slots[summary.Content], func(v *value.Value) bool {
		return v.Kind == value.Apply && v.Text == engine.StagedCondition
	}) {
		return true
	}
	list := x.Slots[summary.Conditions]
	if list == nil {
		return false
	}
	return slices.ContainsFunc(list.Args, func(c *value.Value) bool {
		s := w.Sources(c)
		return c.Kind != value.Nil && len(s[FromStore])+len(s[FromUnknown])+len(s[FromFresh]) == 0
	})
}

// Marked reports whether a relative write is kept from being made twice for one
// message: it hangs on a comparison of what was read under the same key with the
// message, or on a state of its record that it changes; or a mark of the message is
// made in the same transaction.
func (w *Window) Marked(x *Effect, field string) bool {
	for i := range w.Effects {
		y := &w.Effects[i]
		if y.Inst != x.Inst && y.Pos == x.Pos && y.Role == models.Create && len(w.Sources(y.Slots[summary.Key])[FromMessage]) > 0 {
			return true
		}
	}
	if w.marksBeside(x) || w.Recorded(x) {
		return true
	}
	guards := x.Slots[summary.Guards]
	if guards == nil {
		return false
	}
	list := guards.Args
	if guards.Kind != value.List {
		list = []*value.Value{guards} // collapsed: what it was is not known any more
	}
	return w.guardsAgainst(x, field, list)
}

// guardsAgainst reports whether one of the conditions keeps a change from being made
// twice for one message.
func (w *Window) guardsAgainst(x *Effect, field string, list []*value.Value) bool {
	for _, g := range list {
		if g.Kind == value.Apply && g.Text == "perhaps" {
			g = g.Args[0]
		}
		if isErrorTest(g) || field != "" && looksAtOnly(g, field) {
			continue
		}
		reads, claimed := false, false
		value.Sources(g, func(v *value.Value) {
			reads = reads || v.Kind == value.Read && (Same(x.Slots[summary.Key], v) || w.marks(v))
			claimed = claimed || w.claims(v)
		})
		if !reads && !claimed {
			continue
		}
		if claimed || len(w.Sources(g)[FromMessage]) > 0 || w.changes(x, g) {
			return true
		}
	}
	return false
}

// marksBeside reports whether one of the things that a transaction writes is a mark of
// the message: its key is made of the message, and nothing of it was read before.
func (w *Window) marksBeside(x *Effect) bool {
	for i := range w.Effects {
		y := &w.Effects[i]
		if m := w.result.index.Call(y.Func); y.Role == models.Stage && m != nil && m.Staged == models.Create && staged(x, y) && len(w.Sources(y.Slots[summary.Content])[FromMessage]) > 0 {
			return true
		}
	}
	if x.Model == nil || len(x.Model.Actions) == 0 || len(x.Model.KeyIn) == 0 {
		return false
	}
	last := x.Model.KeyIn[len(x.Model.KeyIn)-1]
	return value.Exists(x.Slots[summary.Content], func(v *value.Value) bool {
		if v.Kind != value.Struct || value.DependsOn(v, func(y *value.Value) bool { return y.Kind == value.Read }) {
			return false
		}
		for i, n := range v.Names {
			if strings.EqualFold(bareName(n), last) && len(w.Sources(v.Args[i])[FromMessage]) > 0 {
				return true
			}
		}
		return false
	})
}

// looksAtOnly reports whether a condition looks at no field of what was read but the one
// that is changed: "is there enough left?" is no mark.
func looksAtOnly(g *value.Value, field string) bool {
	for g.Kind == value.Apply && g.Text == "!" {
		g = g.Args[0]
	}
	if g.Kind != value.Apply || !slices.Contains([]string{"<", "<=", ">", ">="}, g.Text) {
		return false
	}
	only := true
	seen := map[*value.Value]bool{}
	var walk func(v *value.Value, name string)
	walk = func(v *value.Value, name string) {
		if seen[v] {
			return
		}
		seen[v] = true
		switch v.Kind {
		case value.Read:
			only = only && strings.EqualFold(bareName(name), bareName(field))
			return
		case value.Field:
			if name == "" {
				name = v.Text
			}
		}
		for _, a := range v.Args {
			if v.Kind == value.Field || v.Kind == value.Boxed || v.Kind == value.Elem || v.Kind == value.Union || v.Kind == value.Apply && strings.Contains(v.Text, ".") {
				walk(a, name)
			} else {
				walk(a, "")
			}
		}
	}
	walk(g, "")
	return only
}

// isErrorTest recognises "err != nil" and its like, however they are negated.
func isErrorTest(g *value.Value) bool {
	for g.Kind == value.Apply && g.Text == "!" {
		g = g.Args[0]
	}
	if g.Kind != value.Apply || g.Text != "==" && g.Text != "!=" || len(g.Args) != 2 || g.Args[1].Kind != value.Nil {
		return false
	}
	return true
}

// marks reports whether a read looks for a mark of the message under a key of its own.
func (w *Window) marks(read *value.Value) bool {
	return len(w.Sources(read.Args[0])[FromMessage]) > 0
}

// claims reports whether a value tells if a mark of the message could be made where none
// was: SETNX.
func (w *Window) claims(made *value.Value) bool {
	if made.Kind != value.Written || len(made.Args) == 0 {
		return false
	}
	m := w.result.index.Call(made.Text)
	return m != nil && m.Role == models.Create && w.marks(made)
}

// changes reports whether the write sets a field that the guard looks at to something
// that does not depend on what it was: a state that is left once.
func (w *Window) changes(x *Effect, g *value.Value) bool {
	var looked []string
	value.Walk(g, func(v *value.Value) bool {
		if v.Kind == value.Field {
			looked = append(looked, bareName(v.Text))
		}
		return true
	})
	return value.Exists(x.Slots[summary.Content], func(v *value.Value) bool {
		if v.Kind != value.Struct {
			return false
		}
		for i, n := range v.Names {
			if n == "" || !slices.Contains(looked, bareName(n)) {
				continue
			}
			alternatives := []*value.Value{v.Args[i]}
			if v.Args[i].Kind == value.Union {
				alternatives = v.Args[i].Args
			}
			for _, a := range alternatives {
				if a.Kind != value.Nil && !value.DependsOn(a, func(y *value.Value) bool { return y.Kind == value.Read }) {
					return true
				}
			}
		}
		return false
	})
}
