package value_test

import (
	"testing"
	"time"

	"github.com/idemlint/idemlint/internal/value"
)

// TestNumber is arithmetic on durations and counts: what is unknown counts as nothing
// in sums and maxima, which are bounds from below, and makes everything else unknown.
func TestNumber(t *testing.T) {
	tab := newTable()
	dur := func(d time.Duration) *value.Value { return tab.Int(int64(d)) }
	n := func(i int64) *value.Value { return tab.Int(i) }
	p := tab.param(0)
	sec := float64(time.Second)
	known := func(f float64) value.Range { return value.Range{Min: f, Max: f, Known: true, Partly: true} }
	from := func(a, b float64) value.Range { return value.Range{Min: a, Max: b, Known: true, Partly: true} }
	partly := func(a, b float64) value.Range { return value.Range{Min: a, Max: b, Partly: true} }
	none := value.Range{}
	for _, c := range []struct {
		name string
		v    *value.Value
		want value.Range
	}{
		{"30s", dur(30 * time.Second), known(30 * sec)},
		{"a float", tab.Const("1.5"), known(1.5)},
		{"an exact fraction", tab.Const("1/2"), known(0.5)},
		{"a string", tab.Const("blue"), none},
		{"a parameter", p, none},
		{"nil", tab.Nil(), none},

		{"time.Second * 40", tab.Apply("*", dur(time.Second), n(40)), known(40 * sec)},
		{"1m + 30s", tab.Apply("+", dur(time.Minute), dur(30*time.Second)), known(90 * sec)},
		{"30s - 1m", tab.Apply("-", dur(30*time.Second), dur(time.Minute)), known(-30 * sec)},
		{"1m / 2", tab.Apply("/", dur(time.Minute), n(2)), known(30 * sec)},
		{"1m / 0", tab.Apply("/", dur(time.Minute), n(0)), known(0)},
		{"time.Second * n", tab.Apply("*", dur(time.Second), p), none},
		{"1m % 7", tab.Apply("%", dur(time.Minute), n(7)), none},

		{"1s or 3s", tab.Union(dur(time.Second), dur(3*time.Second)), from(sec, 3*sec)},
		{"1s or nil", tab.Union(dur(time.Second), tab.Nil()), known(sec)},
		{"1s or a parameter", tab.Union(dur(time.Second), p), partly(sec, sec)},
		{"(1s or 3s) * (2 or -1)", tab.Apply("*", tab.Union(dur(time.Second), dur(3*time.Second)), tab.Union(n(2), n(-1))), from(-3*sec, 6*sec)},
		{"(1s or 3s) - (1s or 2s)", tab.Apply("-", tab.Union(dur(time.Second), dur(3*time.Second)), tab.Union(dur(time.Second), dur(2*time.Second))), from(-sec, 2*sec)},

		{"a sum", tab.Apply(value.OpSum, dur(time.Second), dur(2*time.Second), dur(3*time.Second)), known(6 * sec)},
		{"a sum with something unknown", tab.Apply(value.OpSum, dur(time.Second), p, dur(3*time.Second)), partly(4*sec, 4*sec)},
		{"a sum of the unknown", tab.Apply(value.OpSum, p), none},
		{"the largest", tab.Apply(value.OpMax, dur(time.Second), tab.Union(n(0), dur(5*time.Second))), from(sec, 5*sec)},
		{"the least", tab.Apply(value.OpMin, dur(time.Second), tab.Union(n(0), dur(5*time.Second))), from(0, sec)},
		{"the largest with something unknown", tab.Apply(value.OpMax, p, dur(time.Second)), partly(sec, sec)},

		{"(90s).Seconds()", tab.Apply("(time.Duration).Seconds", dur(90*time.Second)), known(90)},
		{"(90s).Minutes()", tab.Apply("(time.Duration).Minutes", dur(90*time.Second)), known(1.5)},
		{"(90s).Milliseconds()", tab.Apply("(time.Duration).Milliseconds", dur(90*time.Second)), known(90000)},
		{"(3h).Hours()", tab.Apply("(time.Duration).Hours", dur(3*time.Hour)), known(3)},
		{"len of a literal", tab.Apply("len", tab.List(n(7), p)), known(2)},
		{"len of a parameter", tab.Apply("len", p), none},
		{"in an interface", tab.Boxed("time.Duration", dur(time.Second)), known(sec)},
	} {
		got := value.Number(c.v)
		if !got.Partly {
			got.Min, got.Max = 0, 0 // mean nothing
		}
		if near(got.Min, c.want.Min) && near(got.Max, c.want.Max) && got.Known == c.want.Known && got.Partly == c.want.Partly {
			continue
		}
		t.Errorf("%s: got %+v, want %+v", c.name, got, c.want)
	}
}

func near(a, b float64) bool {
	d := a - b
	return d < 1e-6 && d > -1e-6
}
