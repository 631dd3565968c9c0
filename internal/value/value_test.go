package value_test

import (
	"fmt"
	"testing"

	"github.com/idemlint/idemlint/internal/value"
)

// Short names for the values of these tests.
type table struct{ *value.Table }

func newTable() table { return table{value.NewTable()} }

func (t table) param(i int) *value.Value { return t.Leaf(value.Param, i, 0, "") }

func (t table) read(key *value.Value) *value.Value {
	return t.Node(value.Read, 0, 1, "(*Client).Get", t.List(key))
}

func (t table) structOf(names []string, args ...*value.Value) *value.Value {
	return t.Struct("p.T", nil, names, args)
}

// TestInterning: values made alike are one pointer, whatever way they were made; one
// difference anywhere makes them two.
func TestInterning(t *testing.T) {
	tab := newTable()
	base := func() *value.Value {
		return tab.structOf([]string{"Key", "Value"}, tab.Apply("+", tab.Const("invoice-"), tab.param(1)), tab.read(tab.param(0)))
	}
	if base() != base() {
		t.Error("the same construction gives two values")
	}
	other := map[string]*value.Value{
		"another constant":  tab.structOf([]string{"Key", "Value"}, tab.Apply("+", tab.Const("receipt-"), tab.param(1)), tab.read(tab.param(0))),
		"another parameter": tab.structOf([]string{"Key", "Value"}, tab.Apply("+", tab.Const("invoice-"), tab.param(2)), tab.read(tab.param(0))),
		"another operator":  tab.structOf([]string{"Key", "Value"}, tab.Apply("-", tab.Const("invoice-"), tab.param(1)), tab.read(tab.param(0))),
		"another read":      tab.structOf([]string{"Key", "Value"}, tab.Apply("+", tab.Const("invoice-"), tab.param(1)), tab.WithInst(tab.read(tab.param(0)), 2)),
		"another name":      tab.structOf([]string{"Key", "Volume"}, tab.Apply("+", tab.Const("invoice-"), tab.param(1)), tab.read(tab.param(0))),
		"another type":      tab.Struct("p.U", nil, []string{"Key", "Value"}, base().Args),
		"a part of it":      base().Args[0],
	}
	for name, v := range other {
		if v == base() || v.Hash() == base().Hash() {
			t.Errorf("%s: %v is not told from %v", name, v, base())
		}
	}
	// The hash goes into facts and findings: it must not depend on the run or table.
	if h := newTable().Const("x").Hash(); h != tab.Const("x").Hash() || h == 0 {
		t.Errorf("the hash of a constant is %#x in one table and %#x in another", h, tab.Const("x").Hash())
	}
}

// TestSimplifications is what the constructors make of their parts.
func TestSimplifications(t *testing.T) {
	tab := newTable()
	p, q, one, two := tab.param(0), tab.param(1), tab.Int(1), tab.Int(2)
	null, unknown, loop := tab.Nil(), tab.Unknown(), tab.Loop()
	s := tab.structOf([]string{"A", "B"}, one, p)
	changed := tab.Struct("p.T", q, []string{"A"}, []*value.Value{one}) // q with another A
	mix := tab.Mix(p, q)
	fresh := tab.Leaf(value.Fresh, 1, 7, "time.Now")
	for _, c := range []struct {
		name      string
		got, want *value.Value
	}{
		{"a field that was set", tab.Field(s, "A"), one},
		{"a field that was not set is zero", tab.Field(s, "C"), null},
		{"a field changed in a value", tab.Field(changed, "A"), one},
		{"a field not changed in it", tab.Field(changed, "B"), tab.Field(q, "B")},
		{"a field of nil", tab.Field(null, "A"), null},
		{"a field of the unknown", tab.Field(unknown, "A"), unknown},
		{"a field of an earlier self", tab.Field(loop, "A"), loop},
		{"a field of a constant", tab.Field(one, "A"), unknown},
		{"a field of a mixture", tab.Field(mix, "A"), mix},
		{"a field of a fresh value", tab.Field(fresh, "A"), fresh},
		{"a field looks into an interface", tab.Field(tab.Boxed("p.T", s), "B"), p},
		{"a field of one or the other", tab.Field(tab.Union(s, q), "A"), tab.Union(one, tab.Field(q, "A"))},

		{"an element of a literal", tab.Elem(tab.List(one, two)), tab.Union(one, two)},
		{"an element of an empty list", tab.Elem(tab.List()), null},
		{"an element of nil", tab.Elem(null), null},
		{"an element of what was appended to", tab.Elem(tab.Apply("append", tab.List(one), tab.List(two))), tab.Union(one, two)},
		{"an element looks into an interface", tab.Elem(tab.Boxed("[]int", tab.List(one))), one},
		{"an element of one or the other", tab.Elem(tab.Union(tab.List(one), tab.List(p))), tab.Union(one, p)},

		{"one of one", tab.Union(p), p},
		{"one of none", tab.Union(), null},
		{"one of two alike", tab.Union(p, p), p},
		{"the order does not matter", tab.Union(p, q, one), tab.Union(one, p, q)},
		{"unions are flat", tab.Union(p, tab.Union(q, one)), tab.Union(p, q, one)},
		{"an earlier self gives way", tab.Union(loop, p), p},
		{"an earlier self alone stays", tab.Union(loop, loop), loop},
		{"nil wins over an earlier self", tab.Union(loop, null), null},

		{"nil in an interface", tab.Boxed("p.T", null), null},
		{"an interface in an interface", tab.Boxed("error", tab.Boxed("p.T", p)), tab.Boxed("p.T", p)},
		{"a struct made in a struct", tab.Struct("", s, []string{"B"}, []*value.Value{q}), tab.structOf([]string{"A", "B"}, one, q)},
		{"a struct made in nothing", tab.Struct("p.T", null, []string{"A"}, []*value.Value{one}), tab.structOf([]string{"A"}, one)},
		{"a field set to what it is", tab.Struct("p.T", q, []string{"A"}, []*value.Value{tab.Field(q, "A")}), q},
		{"a path", tab.Find(tab.structOf([]string{"L"}, tab.List(s)), []string{"L", "[]", "B"}), p},
	} {
		if c.got != c.want {
			t.Errorf("%s: got %v, want %v", c.name, c.got, c.want)
		}
	}
	if u := tab.Union(null, p); u == p || !u.Has(value.Nil) {
		t.Errorf("nil or a parameter is %v: nil was forgotten", u)
	}
}

// TestSourcesAndSame: what a value's content depends on, and when two are known to be
// equal in one execution.
func TestSourcesAndSame(t *testing.T) {
	tab := newTable()
	key := tab.param(0)
	read := tab.read(key)
	content := tab.structOf([]string{"Count"}, tab.Apply("+", tab.Field(read, "Count"), tab.Int(1)))
	isParam := func(v *value.Value) bool { return v.Kind == value.Param }
	isRead := func(v *value.Value) bool { return v.Kind == value.Read }
	if !value.DependsOn(content, isRead) {
		t.Errorf("%v does not depend on the read", content)
	}
	if value.DependsOn(content, isParam) {
		t.Errorf("%v depends on the key of the read, which is not its content", content)
	}
	for _, c := range []struct {
		name string
		a, b *value.Value
		want bool
	}{
		{"a value and itself", content, content, true},
		{"two values", content, read, false},
		{"two unknown values", tab.Unknown(), tab.Unknown(), false},
		{"two mixtures of the same", tab.Mix(key, read), tab.Mix(key, read), false},
		{"earlier selves", tab.Apply("+", tab.Loop(), key), tab.Apply("+", tab.Loop(), key), false},
		{"nothing", nil, nil, false},
	} {
		if got := value.Same(c.a, c.b); got != c.want {
			t.Errorf("%s: Same says %v", c.name, got)
		}
	}
}

// TestRewrite puts what a call's arguments are in the place of the parameters.
func TestRewrite(t *testing.T) {
	tab := newTable()
	bind := func(args ...*value.Value) func(was, is *value.Value) *value.Value {
		return func(_, is *value.Value) *value.Value {
			if is.Kind == value.Param && is.Index < len(args) {
				return args[is.Index]
			}
			return nil
		}
	}
	p, q := tab.param(0), tab.param(1)
	arg := tab.structOf([]string{"ID"}, tab.Const("42"))
	for _, c := range []struct {
		name     string
		was, now *value.Value
	}{
		{"a parameter", p, arg},
		{"a parameter that is not given", q, q},
		{"a field is looked up", tab.Field(p, "ID"), tab.Const("42")},
		{"in an operator", tab.Apply("+", tab.Const("a"), tab.Field(p, "ID")), tab.Apply("+", tab.Const("a"), tab.Const("42"))},
		{"alternatives that become one", tab.Union(tab.Field(p, "ID"), tab.Const("42")), tab.Const("42")},
		{"an element", tab.Elem(tab.List(tab.Field(p, "ID"), q)), tab.Union(tab.Const("42"), q)},
		{"in an interface", tab.Boxed("p.T", tab.Field(p, "None")), tab.Nil()},
		{"the base of a struct", tab.Struct("p.T", p, []string{"N"}, []*value.Value{q}), tab.structOf([]string{"ID", "N"}, tab.Const("42"), q)},
		{"a read's key", tab.read(tab.Field(p, "ID")), tab.read(tab.Const("42"))},
		{"nothing", nil, nil},
	} {
		if got := tab.Rewrite(c.was, map[*value.Value]*value.Value{}, bind(arg)); got != c.now {
			t.Errorf("%s: %v became %v, want %v", c.name, c.was, got, c.now)
		}
	}
	// What f sees as it was is not yet rewritten; what it returns is not rewritten again.
	var was []string
	tab.Rewrite(tab.Apply("f", p), map[*value.Value]*value.Value{}, func(a, b *value.Value) *value.Value {
		was = append(was, fmt.Sprintf("%v→%v", a, b))
		return bind(q)(a, b)
	})
	if got, want := fmt.Sprint(was), "[param0→param0 apply<f>(param0)→apply<f>(param1)]"; got != want {
		t.Errorf("f was given %s, want %s", got, want)
	}
}
