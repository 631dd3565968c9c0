package window

import (
	"slices"
	"strconv"
	"strings"

	"github.com/idemlint/idemlint/internal/engine"
	"github.com/idemlint/idemlint/internal/summary"
	"github.com/idemlint/idemlint/internal/value"
	"github.com/idemlint/idemlint/models"
)

// Precondition says what a write checks before it writes.
type Precondition uint8

const (
	// Absent: nothing.
	Absent Precondition = iota
	// Wildcard: only that something is there.
	Wildcard
	// Version: a version.
	Version
)

// Precondition is the write's condition on the version. A condition given on some
// ways only counts as given.
func (x *Effect) Precondition() Precondition {
	v := x.Slots[summary.IfMatch]
	switch {
	case v == nil:
		return Absent
	case v.Kind == value.Nil:
		if x.Model != nil && x.Model.IfMatchDefault == "*" {
			return Wildcard
		}
		return Absent
	case v.Kind == value.Const && v.Text == "*":
		return Wildcard
	case v.Kind == value.Const && v.Text == "":
		return Absent
	}
	return Version
}

// Guarded reports whether the write has another condition that the service checks
// atomically: create-only, a lease, a position, a time.
func (x *Effect) Guarded() bool {
	if v := x.Slots[summary.IfNoneMatch]; v != nil && v.Kind != value.Nil {
		return true
	}
	if list := x.Slots[summary.Conditions]; list != nil {
		for _, c := range list.Args {
			if c.Kind != value.Nil {
				return true
			}
		}
	}
	if x.Model != nil && x.Model.Commits != "" {
		if len(x.Model.IfMatch) == 0 {
			return true
		}
		return value.Exists(x.Slots[summary.Content], func(v *value.Value) bool {
			return v.Kind == value.Apply && v.Text == engine.StagedCondition
		})
	}
	return false
}

// Pinned reports whether a fresh value was made lasting before: a create-only write
// of the window stores it, and a repetition finds what the first attempt stored.
func (w *Window) Pinned(fresh *value.Value) bool {
	for i := range w.Effects {
		y := &Effect{Effect: w.Effects[i], Model: w.result.index.Call(w.Effects[i].Func)}
		if y.Slots[summary.Content] == nil || y.Role != models.Create && (y.Role != models.Write || !y.Guarded()) {
			continue
		}
		if value.Contains(y.Slots[summary.Content], fresh) && !value.Contains(y.Slots[summary.Key], fresh) {
			return true
		}
	}
	return false
}

// Unconditional reports whether nothing stops the write from being repeated late.
func (x *Effect) Unconditional() bool {
	return !x.Guarded() && x.Precondition() != Version
}

// ReadsOf lists the reads of the written key that the write is made of: its content
// depends on them, or a decision to write compares them with something.
func (w *Window) ReadsOf(x *Effect) []*value.Value {
	var list []*value.Value
	key := x.Slots[summary.Key]
	add := func(v *value.Value) {
		if v.Kind == value.Read && Same(key, v) && !slices.Contains(list, v) {
			list = append(list, v)
		}
	}
	value.Sources(x.Slots[summary.Content], add)
	if len(list) > 0 {
		return list
	}
	guards := x.Slots[summary.Guards]
	if guards == nil {
		return nil
	}
	for _, g := range guards.Args {
		if w.comparesWithMessage(g) {
			value.Sources(g, add)
		}
	}
	return list
}

// Dispatched finds another write of the same key that only messages of another kind
// reach: the window tells the kinds apart by comparing a field of the message with
// constants, or by a dispatch table. It proves that several messages write the key.
func (w *Window) Dispatched(x *Effect) *Effect {
	if w.identified(x.Slots[summary.Key]) {
		return nil
	}
	for i := range w.Effects {
		y := &w.Effects[i]
		if y.Inst == x.Inst || y.Role != models.Write && y.Role != models.Create && y.Role != models.Remove ||
			!value.Same(y.Slots[summary.Key], x.Slots[summary.Key]) || y.Slots[summary.Content] == x.Slots[summary.Content] {
			continue
		}
		if x.Table != 0 && x.Table == y.Table && x.Arm != y.Arm || w.exclusive(x.Slots[summary.Guards], y.Slots[summary.Guards]) {
			return &Effect{Effect: *y, Model: w.result.index.Call(y.Func), Order: i}
		}
	}
	return nil
}

// identified reports whether a key holds the queue's own id of the message: no other
// message has it.
func (w *Window) identified(key *value.Value) bool {
	return value.Exists(key, func(v *value.Value) bool {
		return v.Kind == value.Field && w.result.identity[v.Text] && w.isMessage(origin(v))
	})
}

// origin is what a field is reached from.
func origin(v *value.Value) *value.Value {
	for v.Kind == value.Field || v.Kind == value.Elem || v.Kind == value.Boxed {
		v = v.Args[0]
	}
	return v
}

// exclusive reports whether two lists of guards hold the same comparison of the
// message with a constant text, once met and once not.
func (w *Window) exclusive(a, b *value.Value) bool {
	return a != nil && b != nil && (w.metOnce(a, b) || w.metOnce(b, a))
}

// metOnce reports whether a kind that is met in the first list is not met in the second.
func (w *Window) metOnce(met, not *value.Value) bool {
	return slices.ContainsFunc(met.Args, func(g *value.Value) bool {
		return w.namesKind(g) && slices.ContainsFunc(not.Args, func(h *value.Value) bool { return negates(h, g) })
	})
}

func negates(h, g *value.Value) bool { return h.Kind == value.Apply && h.Text == "!" && h.Args[0] == g }

// namesKind recognises "the message's kind is this one".
func (w *Window) namesKind(g *value.Value) bool {
	if g.Kind != value.Apply || g.Text != "==" || len(g.Args) != 2 || g.Args[1].Kind != value.Const {
		return false
	}
	if _, err := strconv.ParseFloat(g.Args[1].Text, 64); err == nil || g.Args[1].Text == "" {
		return false
	}
	return len(w.Sources(g.Args[0])[FromMessage]) > 0
}

// comparesWithMessage reports whether a condition sets what was read against the
// message: "is this event newer than what is stored?".
func (w *Window) comparesWithMessage(g *value.Value) bool {
	for g.Kind == value.Apply && g.Text == "!" {
		g = g.Args[0]
	}
	if g.Kind != value.Apply || len(g.Args) != 2 {
		return false
	}
	switch g.Text {
	case "<", "<=", ">", ">=", "(time.Time).Before", "(time.Time).After", "(time.Time).Compare":
	default:
		return false
	}
	side := func(v *value.Value) (message, store bool) {
		s := w.Sources(v)
		return len(s[FromMessage]) > 0, len(s[FromStore]) > 0
	}
	m0, s0 := side(g.Args[0])
	m1, s1 := side(g.Args[1])
	return m0 && s1 || m1 && s0
}

// Inserts reports whether a call without a model is given a constant SQL statement
// that does harm when repeated: an INSERT without a conflict clause.
func (x *Effect) Inserts() bool {
	if x.Role == models.Create && x.Model != nil && x.Model.Statement != "" {
		return x.Slots[summary.Conditions] == nil
	}
	args := x.Slots[summary.Args]
	if x.Role != summary.Opaque || args == nil {
		return false
	}
	for _, a := range args.Args {
		if a.Kind != value.Const {
			continue
		}
		sql := strings.ToUpper(strings.TrimSpace(a.Text))
		if strings.HasPrefix(sql, "INSERT") && !strings.Contains(sql, "ON CONFLICT") && !strings.Contains(sql, "ON DUPLICATE") && !strings.HasPrefix(sql, "INSERT IGNORE") {
			return true
		}
	}
	return false
}

// Posts reports whether an external call is an HTTP POST or PATCH without an
// idempotency key.
func (x *Effect) Posts() bool {
	v := x.Slots[summary.Verb]
	if verb := engine.Verb(v); verb != "POST" && verb != "PATCH" {
		return false
	}
	if x.Model != nil && x.Model.Said {
		return len(x.Model.DedupID) == 0
	}
	return !value.Exists(v, saysIdempotency) && !(x.Slots[summary.Dedup] != nil && value.Exists(x.Slots[summary.Dedup], saysIdempotency))
}

// saysIdempotency recognises the name of a header by which calls are made once.
func saysIdempotency(v *value.Value) bool {
	return v.Kind == value.Const && strings.Contains(strings.ToLower(v.Text), "idempotency")
}

// IdempotencyKeys lists what a call gives as its idempotency key.
func (x *Effect) IdempotencyKeys() []*value.Value {
	var list []*value.Value
	if dedup := x.Slots[summary.Dedup]; x.Model != nil && x.Model.Said && dedup != nil {
		return dedup.Args
	}
	value.Walk(x.Slots[summary.Dedup], func(v *value.Value) bool {
		switch v.Kind {
		case value.Apply:
			if (v.Text == "(net/http.Header).Set" || v.Text == "(net/http.Header).Add") && len(v.Args) >= 2 {
				if name := v.Args[len(v.Args)-2]; saysIdempotency(name) {
					list = append(list, v.Args[len(v.Args)-1])
				}
			}
		case value.Struct:
			for i, n := range v.Names {
				if strings.Contains(strings.ToLower(n), "idempotency") {
					list = append(list, v.Args[i])
				}
			}
		}
		return true
	})
	return list
}

// Fresh lists how a content differs from attempt to attempt: by what is reckoned
// from the clock and by what is random. Bare stamps that nothing decides on, and
// ids that name the attempt, do not count.
func (w *Window) Fresh(content *value.Value) (clock, random *value.Value) {
	seen := map[*value.Value]bool{}
	var walk func(v *value.Value, reckoned bool)
	walk = func(v *value.Value, reckoned bool) {
		if v == nil || seen[v] && !reckoned {
			return
		}
		seen[v] = true
		switch v.Kind {
		case value.Fresh:
			switch models.FreshKind(v.Index) {
			case models.Clock:
				if reckoned || v.Text == "time.Until" {
					clock = v
				}
			case models.Random:
				random = v
			}
			return
		case value.Struct:
			for i, n := range v.Names {
				if n != "" && (namesAttempt(n) || namesRetention(n)) {
					continue
				}
				a := v.Args[i]
				walk(a, reckoned || n != "" && a.Has(value.Fresh) && bare(a) && w.Decided(v.Text, n))
			}
			return
		case value.Read, value.Written, value.Received, value.Renewed, value.Dyn:
			return
		case value.Apply:
			if m := w.result.index.Call(v.Text); m != nil && m.Role == models.Local {
				return // what a file holds does not depend on its name
			}
			if formats(v.Text) {
				reckoned = false
			} else if reckons(v) {
				reckoned = true
			}
		}
		for _, a := range v.Args {
			walk(a, reckoned)
		}
	}
	walk(content, false)
	return clock, random
}

// namesRetention recognises fields that tell a store when to forget the record: nobody
// else acts on them.
func namesRetention(field string) bool {
	f := strings.ToLower(field)
	return f == "ttl" || strings.HasSuffix(f, "_ttl") || strings.HasPrefix(f, "ttl_") || strings.HasSuffix(field, "TTL")
}

// bare reports whether a value is the clock itself, formatted at most.
func bare(v *value.Value) bool {
	for {
		switch {
		case v.Kind == value.Fresh:
			return models.FreshKind(v.Index) == models.Clock
		case v.Kind == value.Apply && len(v.Args) > 0 && (formats(v.Text) || strings.HasPrefix(v.Text, "(time.Time).")) && !reckons(v):
			v = v.Args[0]
		default:
			return false
		}
	}
}

// formats are functions that turn a time into text.
func formats(fn string) bool {
	switch fn {
	case "(time.Time).Format", "(time.Time).String", "(time.Time).AppendFormat", "(time.Time).GoString", "fmt.Sprint", "fmt.Sprintf":
		return true
	}
	return false
}

// reckons reports whether the operation is arithmetic on a clock with something
// that is not a clock.
func reckons(v *value.Value) bool {
	switch v.Text {
	case "(time.Time).Add", "(time.Time).AddDate":
		return true
	case "(time.Time).Sub", "-":
		return len(v.Args) == 2 && v.Args[0].Has(value.Fresh) != v.Args[1].Has(value.Fresh)
	case "+", "*":
		return true
	}
	return false
}

// namesAttempt are field names of what identifies the attempt, for people who read logs.
func namesAttempt(field string) bool {
	f := strings.ToLower(field)
	for _, s := range [...]string{"requestid", "traceid", "spanid", "correlationid", "attempt", "worker", "hostname", "processedby", "instance", "runid", "etag"} {
		if strings.Contains(f, s) {
			return true
		}
	}
	return false
}
