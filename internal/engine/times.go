package engine

import (
	"math"

	"github.com/idemlint/idemlint/internal/value"
)

// Time is what is known of a duration.
type Time struct {
	// Fixed is in nanoseconds; Unbounded: some wait on the way has no bound.
	Fixed     float64
	Unbounded bool
	under     map[*value.Value]float64
	// choice: the time is that of one of several alternatives, the shortest of
	// which takes least.
	choice bool
	least  float64
}

// Total is all of it. Waits that know no deadline may pass while a deadline runs, so
// that of the two the longer counts, not the sum.
func (t Time) Total() float64 {
	sum := 0.0
	for _, u := range t.under {
		sum += u
	}
	return math.Max(t.Fixed, sum)
}

func (t Time) shortest() float64 {
	if t.choice {
		return t.least
	}
	return t.Total()
}

// Time evaluates a duration; batch is how many messages one receive brings.
func (e *Engine) Time(v *value.Value, batch float64) Time {
	if v == nil {
		return Time{}
	}
	switch v.Kind {
	case value.Dyn:
		if d := deadlineIn(e.Table.List(v.Args[1:]...)); d != nil && v.Index < 0 {
			return e.underTime(d, Time{}, false)
		}
		return Time{}
	case value.Union:
		var best Time
		least := math.Inf(1)
		for _, a := range v.Args {
			o := e.Time(a, batch)
			least = math.Min(least, o.Total())
			if o.Total() > best.Total() || o.Unbounded {
				best = o
			}
		}
		best.choice, best.least = true, least
		return best
	case value.Apply:
		switch v.Text {
		case value.OpSum:
			sum := Time{under: map[*value.Value]float64{}}
			for _, a := range v.Args {
				sum.add(e.Time(a, batch))
			}
			return sum
		case value.OpMax:
			var best Time
			for _, a := range v.Args {
				o := e.Time(a, batch)
				unbounded := best.Unbounded || o.Unbounded
				if o.Total() > best.Total() {
					best = o
				}
				best.Unbounded = unbounded
			}
			return best
		case opTurns:
			return e.turnsTime(v, batch)
		case opUnder:
			own := e.Time(v.Args[1], batch)
			d := deadlineIn(v.Args[0])
			if d == nil {
				return own
			}
			return e.underTime(d, own, own.Total() > 0 && !own.Unbounded)
		case opTimeout:
			if a := v.Args[0]; a.Kind == value.Nil || a.Kind == value.Const && a.Text == "0" {
				return Time{Unbounded: true}
			}
			return e.Time(v.Args[0], batch)
		case opUnbounded:
			return Time{Unbounded: true}
		case opStoreCall:
			return Time{Fixed: e.callTime(v.Args[0])}
		case opCount:
			return Time{}
		}
	}
	r := value.NumberAt(v, e.turn)
	if r.Partly && r.Max > 0 {
		return Time{Fixed: r.Max}
	}
	return Time{}
}

// underTime is work bounded by a deadline: its own known time, or all of the deadline.
func (e *Engine) underTime(d *value.Value, own Time, known bool) Time {
	limit := value.Number(d.Args[1])
	if !limit.Partly {
		own.Unbounded = false
		return own
	}
	t := limit.Max
	if known {
		t = math.Min(t, own.Total())
	}
	return Time{under: map[*value.Value]float64{d: t}}
}

func (t *Time) add(o Time) {
	if t.choice || o.choice {
		t.least = t.shortest() + o.shortest()
		t.choice = true
	}
	t.Fixed += o.Fixed
	t.Unbounded = t.Unbounded || o.Unbounded
	for d, x := range o.under {
		if t.under == nil {
			t.under = map[*value.Value]float64{}
		}
		limit := value.Number(d.Args[1]).Max
		t.under[d] = math.Min(limit, t.under[d]+x)
	}
}

func (e *Engine) turnsTime(v *value.Value, batch float64) Time {
	n := e.count(v.Args[1], batch)
	if n > 1 && grows(v.Args[0]) {
		// Each turn waits longer than the last.
		var sum float64
		defer func(turn int) { e.turn = turn }(e.turn)
		for i := range min(int(n), 64) {
			e.turn = i
			one := e.Time(v.Args[0], batch)
			sum += one.Total()
			if one.Unbounded {
				return Time{Fixed: sum, Unbounded: true}
			}
		}
		return Time{Fixed: sum}
	}
	one := e.Time(v.Args[0], batch)
	if one.choice {
		// The turns may take each alternative once.
		return Time{Fixed: one.Total() + (n-1)*one.least, Unbounded: one.Unbounded}
	}
	out := Time{Fixed: one.Fixed * n, Unbounded: one.Unbounded}
	shared := map[*value.Value]bool{}
	for _, ctx := range v.Args[2:] {
		if d := deadlineIn(ctx); d != nil {
			shared[d] = true
		}
	}
	for d, x := range one.under {
		if shared[d] {
			out.add(Time{under: map[*value.Value]float64{d: x * n}})
		} else {
			out.Fixed += x * n
		}
	}
	return out
}

func grows(v *value.Value) bool {
	found := false
	value.Walk(v, func(x *value.Value) bool {
		found = found || x.Kind == value.Apply && (x.Text == opGrows || x.Text == opCounts)
		return !found && x.Kind != value.Read && x.Kind != value.Received
	})
	return found
}

// count is the turns of a loop; a loop over the received messages has as many as
// one receive may bring, an unknown one is taken once.
func (e *Engine) count(v *value.Value, batch float64) float64 {
	if v.Kind == value.Apply && v.Text == opCount {
		x := v.Args[0]
		if x.Kind == value.List {
			return math.Max(1, float64(len(x.Args)))
		}
		if isMessages(x) && batch > 1 {
			return batch
		}
		return 1
	}
	// One known alternative will do: a default that configuration may replace.
	if r := value.Number(v); r.Partly && r.Max >= 1 {
		return r.Max
	}
	return 1
}

// isMessages reports whether v is the list of messages that a receive returned.
func isMessages(v *value.Value) bool {
	switch v.Kind {
	case value.Received:
		return true
	case value.Field, value.Boxed:
		return isMessages(v.Args[0])
	case value.Union:
		for _, a := range v.Args {
			if isMessages(a) {
				return true
			}
		}
	case value.Apply:
		if v.Text == "append" {
			for _, a := range v.Args {
				if value.DependsOn(a, func(x *value.Value) bool { return x.Kind == value.Received }) {
					return true
				}
			}
		}
	}
	return false
}
