package value_test

import (
	"testing"

	"github.com/idemlint/idemlint/internal/value"
)

// nodes counts the parts of a value as they are written out, but not beyond most.
func nodes(v *value.Value, most int) int {
	n := 1
	for _, a := range v.Args {
		if n >= most {
			break
		}
		n += nodes(a, most-n)
	}
	return n
}

// growing makes values ever larger by one kind of step; each stands for a loop in the
// code that is analysed.
var growing = map[string]func(t table, v *value.Value, step int) *value.Value{
	"x = f(x)":       func(t table, v *value.Value, _ int) *value.Value { return t.Apply("f", v) },
	"x = x + x":      func(t table, v *value.Value, _ int) *value.Value { return t.Apply("+", v, v) },
	"x = x.next":     func(t table, v *value.Value, _ int) *value.Value { return t.Field(v, "next") },
	"x = x[0]":       func(t table, v *value.Value, _ int) *value.Value { return t.Elem(v) },
	"x = []any{x}":   func(t table, v *value.Value, _ int) *value.Value { return t.List(v) },
	"x = any(&T{x})": func(t table, v *value.Value, _ int) *value.Value { return t.Boxed("p.T", t.structOf([]string{"X"}, v)) },
	"x = get(x)":     func(t table, v *value.Value, _ int) *value.Value { return t.read(v) },
	"x = x.get()":    func(t table, v *value.Value, _ int) *value.Value { return t.Node(value.Dyn, 0, 0, "get", v) },
	"x = another":    func(t table, v *value.Value, i int) *value.Value { return t.Union(v, t.Int(int64(i))) },
	"x = x, another": func(t table, v *value.Value, i int) *value.Value { return t.Mix(v, t.param(i)) },
	"x.f[i] = x": func(t table, v *value.Value, i int) *value.Value {
		return t.Struct("p.T", v, []string{string(rune('A' + i%26))}, []*value.Value{v})
	},
}

// TestLimits: however a value grows, it stays small enough to be written out, the same
// way of growing leads to the same pointer, and in the end nothing new comes of it: on
// that the engine's fixed points rest.
func TestLimits(t *testing.T) {
	const steps, most = 400, 2000
	for name, step := range growing {
		t.Run(name, func(t *testing.T) {
			tab := newTable()
			grow := func() *value.Value {
				v := tab.param(0)
				for i := range steps {
					v = step(tab, v, i)
					if n := nodes(v, most); n >= most {
						t.Fatalf("after %d steps the value has over %d parts", i+1, most)
					}
				}
				return v
			}
			a, b := grow(), grow()
			if a != b {
				t.Errorf("growing twice gives two values, of hash %#x and %#x:\n%.200v\n%.200v", a.Hash(), b.Hash(), a, b)
			}
			// The table knows the value itself and every part of it.
			value.Walk(a, func(v *value.Value) bool {
				if own := tab.Intern(*v); own != v {
					t.Errorf("a part is not the table's: %.80v, of hash %#x; the table's has %#x", v, v.Hash(), own.Hash())
					return false
				}
				return true
			})
		})
	}
}

// TestCollapse: what is too large becomes a mixture that still knows its sources.
func TestCollapse(t *testing.T) {
	tab := newTable()
	read := tab.read(tab.Const("counter"))
	v := read
	for range 100 {
		v = tab.Apply("f", v, tab.Const("c"))
	}
	if v.Has(value.Apply) && nodes(v, 1000) >= 1000 {
		t.Fatalf("%v did not collapse", v)
	}
	if !value.DependsOn(v, func(x *value.Value) bool { return x == read }) {
		t.Errorf("%v no longer depends on what was read", v)
	}
	many := make([]*value.Value, 20)
	for i := range many {
		many[i] = tab.param(i)
	}
	u := tab.Union(many...)
	if u.Kind != value.Mix {
		t.Errorf("one of twenty is %v, want a mixture", u)
	}
	for _, p := range many {
		if !value.DependsOn(u, func(x *value.Value) bool { return x == p }) {
			t.Errorf("%v forgets %v", u, p)
		}
	}
	if value.Same(v, v) || value.Same(u, u) {
		t.Error("a mixture passes for a known value")
	}
}
