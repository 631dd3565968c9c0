package sideeffect

import (
	"slices"
	"strings"

	"github.com/idemlint/idemlint/internal/statement"
	"github.com/idemlint/idemlint/internal/summary"
	"github.com/idemlint/idemlint/internal/value"
	"github.com/idemlint/idemlint/models"
	"github.com/idemlint/idemlint/passes/window"
)

// guarded reports whether something keeps the effect from being made twice for one
// message, or whether it tells of a failure: a mark that was looked at, a claim that was
// made first, a row in the same transaction.
func guarded(w *window.Window, x *window.Effect) bool {
	return w.Recorded(x) || hangs(w, x) || claimed(w, x)
}

// hangs reports whether a condition of the effect looks at a mark of the message, or says
// that something failed.
func hangs(w *window.Window, x *window.Effect) bool {
	guards := x.Slots[summary.Guards]
	if guards == nil {
		return false
	}
	if guards.Kind != value.List {
		return true // collapsed: what it was is not known any more
	}
	for _, g := range guards.Args {
		if g.Kind == value.Apply && g.Text == "perhaps" {
			continue
		}
		if saysFailed(g) || countsDeliveries(w, g) || marked(w, x, g) {
			return true
		}
	}
	return false
}

// bare strips the negations of a condition.
func bare(g *value.Value) (v *value.Value, negated bool) {
	for g.Kind == value.Apply && g.Text == "!" && len(g.Args) == 1 {
		g, negated = g.Args[0], !negated
	}
	return g, negated
}

// comparedWithNil recognises "v == nil" and "v != nil".
func comparedWithNil(v *value.Value) bool {
	return v.Kind == value.Apply && (v.Text == "==" || v.Text == "!=") && len(v.Args) == 2 && v.Args[1].Kind == value.Nil
}

// isError reports whether what is compared with nil is taken for an error: what a call
// returned, and nothing that was read.
func isError(v *value.Value) bool {
	switch v.Kind {
	case value.Apply, value.Union, value.Mix:
		return true
	case value.Dyn:
		return !looksUp(v.Text)
	}
	return false
}

// looksUp reports whether a method's name says that it looks for something.
func looksUp(method string) bool {
	name := window.Name(method)
	return slices.ContainsFunc([]string{"Get", "Find", "Look", "Load", "Read", "Is", "Has", "Exist", "Seen", "Already", "Fetch", "Query", "Select", "Was", "Check", "By"}, func(p string) bool { return strings.HasPrefix(name, p) })
}

// saysFailed recognises "err != nil" on the way to the effect: it tells of a failure.
func saysFailed(g *value.Value) bool {
	v, negated := bare(g)
	return comparedWithNil(v) && (v.Text == "!=") != negated && isError(v.Args[0])
}

// countsDeliveries reports whether an effect hangs on how often the message came: it is
// made at the last attempt, or at the first one only.
func countsDeliveries(w *window.Window, g *value.Value) bool {
	if len(w.Sources(g)[window.FromDelivery]) == 0 {
		return false
	}
	v, negated := bare(g)
	if v.Kind == value.Apply && len(v.Args) == 2 {
		switch v.Text {
		case ">", ">=":
			return !negated
		case "<", "<=":
			return negated
		case "==", "!=":
			return v.Args[1].Kind != value.Nil
		}
		return false
	}
	return v.Kind == value.Field
}

// marked reports whether a condition looks for a mark of the message in something that
// survives a crash.
func marked(w *window.Window, x *window.Effect, g *value.Value) bool {
	v, _ := bare(g)
	if comparedWithNil(v) && isError(v.Args[0]) {
		return false // it worked
	}
	found := false
	value.Walk(v, func(y *value.Value) bool {
		if found {
			return false
		}
		switch y.Kind {
		case value.Read:
			found = w.OfMessage(y.Args[0]) && (decides(v, y) || saysMark(v) || namesMarks(y.Args[0]) || written(w, x, v, y))
			return false
		case value.Written:
			found = w.OfMessage(y.Args[0])
			return false
		case value.Dyn:
			found = slices.ContainsFunc(y.Args[min(1, len(y.Args)):], w.OfMessage) && (decides(v, y) || saysMark(v) || isMarkWord(window.Name(y.Text)))
			return false
		case value.Apply:
			if strings.HasPrefix(y.Text, "error of ") {
				found = answers(w, y)
				return false
			}
			found = outside(w, y.Text) && slices.ContainsFunc(y.Args, w.OfMessage) && (decides(v, y) || saysMark(v))
		}
		return !found
	})
	return found
}

// answers reports whether the error of a call says whether something stands under a key
// of the message: a look, or a create.
func answers(w *window.Window, err *value.Value) bool {
	y := w.Find(err.Inst)
	if y == nil || !w.OfMessage(y.Slots[summary.Key]) {
		return false
	}
	return y.Role == models.Read || y.Role == models.List || claims(w, y)
}

// decides reports whether a condition is the answer itself: "if seen", "if n > 0", "if
// existing != nil".
func decides(cond, answer *value.Value) bool {
	strip := func() {
		for cond.Kind == value.Boxed || cond.Kind == value.Apply && len(cond.Args) == 1 {
			cond = cond.Args[0]
		}
	}
	strip()
	if cond.Kind == value.Apply && len(cond.Args) == 2 && (cond.Args[1].Kind == value.Const || cond.Args[1].Kind == value.Nil) {
		cond = cond.Args[0]
		strip()
	}
	return cond == answer
}

// outside reports whether a function that has no model may have asked another system.
func outside(w *window.Window, fn string) bool {
	return slices.ContainsFunc(w.Effects, func(y summary.Effect) bool { return y.Role == summary.Opaque && y.Func == fn })
}

// markWords are the words by which fields, tables and constants tell that something was done.
var markWords = []string{"seen", "processed", "done", "sent", "notified", "delivered", "handled", "dedup", "idempot", "inbox", "outbox", "mark", "completed", "applied", "status", "state", "already", "published", "posted", "paid", "charged", "claimed", "finished", "succeeded"}

func isMarkWord(name string) bool {
	name = strings.ToLower(name)
	return len(name) < 40 && slices.ContainsFunc(markWords, func(s string) bool { return strings.Contains(name, s) })
}

// saysMark reports whether a field that a condition looks at, or a constant that it
// compares with, is such a word; what was read under which key does not count.
func saysMark(cond *value.Value) bool {
	found := false
	value.Walk(cond, func(y *value.Value) bool {
		switch y.Kind {
		case value.Field, value.Const:
			found = found || isMarkWord(y.Text)
		case value.Read, value.Dyn, value.Received, value.Message:
			return false
		}
		return !found
	})
	return found
}

// namesMarks reports whether a key has such a word: a table, a prefix.
func namesMarks(key *value.Value) bool {
	return value.Exists(key, func(y *value.Value) bool { return y.Kind == value.Const && isMarkWord(y.Text) })
}

// written reports whether the window also writes the field that a condition looks at, in
// the record that it was read from.
func written(w *window.Window, x *window.Effect, cond, read *value.Value) bool {
	var looked []string
	value.Walk(cond, func(v *value.Value) bool {
		if v.Kind == value.Field {
			looked = append(looked, strings.ToLower(v.Text))
		}
		return v.Kind != value.Read
	})
	for _, y := range w.All() {
		if y.Inst == x.Inst || y.Role != models.Write && y.Role != models.Append || !window.Same(y.Slots[summary.Key], read) {
			continue
		}
		if value.Exists(y.Slots[summary.Content], func(v *value.Value) bool {
			return v.Kind == value.Struct && slices.ContainsFunc(v.Names, func(n string) bool { return slices.Contains(looked, strings.ToLower(strings.Trim(n, `[]"`))) })
		}) {
			return true
		}
	}
	return false
}

// claimed reports whether a create that only one delivery of the message can make comes
// before the effect on each way to it, or stands in the same transaction.
func claimed(w *window.Window, x *window.Effect) bool {
	for _, y := range w.All() {
		if y.Inst == x.Inst || y.Dropped || !claims(w, y) {
			continue
		}
		if w.Together(x, y) || y.Order < x.Order && within(y.Slots[summary.Guards], x.Slots[summary.Guards]) {
			return true
		}
	}
	return false
}

// claims reports whether an effect is refused when the message comes again.
func claims(w *window.Window, y *window.Effect) bool {
	if y.Model == nil || !w.OfMessage(y.Slots[summary.Key]) {
		if y.Model != nil && y.Model.Statement != "" && y.Role == models.External {
			s := read(y)
			return s.Verb == statement.Insert && s.Guarded && w.OfMessage(y.Slots[summary.Content])
		}
		return false
	}
	switch y.Role {
	case models.Create:
		return !y.Model.Repeatable && w.Changing(y.Slots[summary.Key]) == nil
	case models.Write:
		n := y.Slots[summary.IfNoneMatch]
		return n != nil && n.Kind != value.Nil
	}
	return false
}

// within reports whether all conditions of one effect are conditions of the other: the
// first one is made whenever the second one is.
func within(a, b *value.Value) bool {
	if a == nil || len(a.Args) == 0 {
		return true
	}
	if b == nil {
		return false
	}
	for _, g := range a.Args {
		if !slices.Contains(b.Args, g) {
			return false
		}
	}
	return true
}
