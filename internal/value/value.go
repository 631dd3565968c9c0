// Package value is the symbolic value: where something comes from, as far as the
// code in reach says. Values are interned in a Table, so equal values are the same
// pointer; they are immutable.
//
// Pointers are looked through: a pointer and what it points to are one value.
package value

import (
	"hash/fnv"
	"slices"
	"strconv"
	"strings"
)

// Kind is the form of a value.
type Kind uint8

const (
	// Unknown is a value that nothing is known about.
	Unknown Kind = iota
	// Const is a constant; Text is its exact form (strings unquoted).
	Const
	// Nil is nil, or the zero value of what was never set.
	Nil
	// Param is the Index-th parameter of the function, receiver first.
	Param
	// Free is the Index-th captured variable of a closure.
	Free
	// Global is a package variable; Text is its path and name.
	Global
	// Func is a function as a value; Text is its name.
	Func
	// Closure is a function literal; Args are what it captured.
	Closure
	// Field is field Text of Args[0].
	Field
	// Elem is an element of Args[0].
	Elem
	// Struct is a struct of type Text; Names and Args go in pairs. A first name ""
	// is the value that the other fields are changed in.
	Struct
	// List is an array or slice literal.
	List
	// Boxed is Args[0] of the concrete type Text in an interface.
	Boxed
	// Apply is a pure or unknown function or operator Text of Args; result Index.
	Apply
	// Read is what a store read returned; Text is the call, Args[0] the key.
	Read
	// Written is what a store write returned; Text is the call, Args[0] the key.
	Written
	// Received is what a receive returned; Text is the call.
	Received
	// Message is a received message where it enters a handler.
	Message
	// Renewed is what a renewal returned.
	Renewed
	// Fresh differs at each attempt; Index is the models.FreshKind.
	Fresh
	// Dyn is result Index of a call through Args[0] (an interface value, where Text
	// is the method, or a function value) that is not resolved yet.
	Dyn
	// Chan is a channel made at Inst; Args[0] its capacity.
	Chan
	// Union is one of Args.
	Union
	// Mix depends on Args in a way no longer known.
	Mix
	// Loop stands for the value's own earlier self in a loop or recursion.
	Loop
)

// Value is a symbolic value.
type Value struct {
	Kind  Kind
	Index int
	// Inst tells two executions of one call apart: a hash of the call's place and
	// of the calls that lead to it.
	Inst  uint64
	Text  string
	Names []string
	Args  []*Value

	hash  uint64
	size  int
	depth int
	kinds uint32 // kinds of the leaves and inner nodes, as bits
}

// Has reports whether a value of the kind occurs in v.
func (v *Value) Has(k Kind) bool { return v != nil && v.kinds&(1<<k) != 0 }

// Hash is stable over runs and drivers.
func (v *Value) Hash() uint64 { return v.hash }

// Symbolic reports whether v still depends on its function's caller.
func (v *Value) Symbolic() bool {
	return v.Has(Param) || v.Has(Free) || v.Has(Dyn)
}

const (
	maxSize  = 400
	maxDepth = 32
	maxUnion = 8
	// maxLeaves bounds the sources that a collapsed value remembers.
	maxLeaves = 48
)

// Table interns values.
type Table struct {
	byHash map[uint64][]*Value
	below  map[*Value][]*Value
	// none caches the frequent leaves.
	unknown, null, loop *Value
}

// NewTable returns an empty table.
func NewTable() *Table {
	t := &Table{byHash: map[uint64][]*Value{}, below: map[*Value][]*Value{}}
	t.unknown = t.intern(Value{Kind: Unknown})
	t.null = t.intern(Value{Kind: Nil})
	t.loop = t.intern(Value{Kind: Loop})
	return t
}

func (t *Table) intern(v Value) *Value {
	h := fnv.New64a()
	var b [8]byte
	put := func(n uint64) {
		for i := range b {
			b[i] = byte(n >> (8 * i))
		}
		h.Write(b[:])
	}
	put(uint64(v.Kind)<<32 | uint64(uint32(v.Index)))
	put(v.Inst)
	h.Write([]byte(v.Text))
	for _, n := range v.Names {
		h.Write([]byte{0})
		h.Write([]byte(n))
	}
	v.kinds = 1 << v.Kind
	v.size = 1
	for _, a := range v.Args {
		put(a.hash)
		v.kinds |= a.kinds
		v.size += a.size
		v.depth = max(v.depth, a.depth+1)
	}
	v.hash = h.Sum64()
	for _, o := range t.byHash[v.hash] {
		if o.Kind == v.Kind && o.Index == v.Index && o.Inst == v.Inst && o.Text == v.Text &&
			slices.Equal(o.Names, v.Names) && slices.Equal(o.Args, v.Args) {
			return o
		}
	}
	p := &v
	t.byHash[v.hash] = append(t.byHash[v.hash], p)
	return p
}

// Intern is the table's own copy of a value whose parts are the table's already.
func (t *Table) Intern(v Value) *Value {
	return t.intern(Value{Kind: v.Kind, Index: v.Index, Inst: v.Inst, Text: v.Text, Names: v.Names, Args: v.Args})
}

// make interns a composite, collapsing what has grown too large to its sources.
func (t *Table) make(v Value) *Value {
	size, depth := 1, 0
	for _, a := range v.Args {
		size += a.size
		depth = max(depth, a.depth+1)
	}
	if size > maxSize || depth > maxDepth {
		if v.Kind != Struct && v.Kind != Closure && v.Kind != Union && v.Kind != List {
			return t.collapse(v)
		}
		// What is built keeps its shape one level longer: its parts collapse.
		v.Args = slices.Clone(v.Args)
		for i, a := range v.Args {
			if a.size > maxSize/8 || a.depth > maxDepth-2 {
				v.Args[i] = t.shrink(a, 3)
			}
		}
	}
	return t.intern(v)
}

func compare(a, b *Value) int {
	switch {
	case a == b:
		return 0
	case a.hash < b.hash:
		return -1
	case a.hash > b.hash:
		return 1
	}
	return strings.Compare(a.String(), b.String())
}

// Unknown, Nil and Loop are the leaves without a source.
func (t *Table) Unknown() *Value { return t.unknown }

// Nil is the absent value.
func (t *Table) Nil() *Value { return t.null }

// Loop is a value's own earlier self.
func (t *Table) Loop() *Value { return t.loop }

// Const is a constant.
func (t *Table) Const(text string) *Value { return t.intern(Value{Kind: Const, Text: text}) }

// Int is an integer constant.
func (t *Table) Int(n int64) *Value { return t.Const(strconv.FormatInt(n, 10)) }

// Leaf is a value without parts.
func (t *Table) Leaf(k Kind, index int, inst uint64, text string) *Value {
	return t.intern(Value{Kind: k, Index: index, Inst: inst, Text: text})
}

// Node is a value of the given form; the smart constructors below are preferred.
func (t *Table) Node(k Kind, index int, inst uint64, text string, args ...*Value) *Value {
	return t.make(Value{Kind: k, Index: index, Inst: inst, Text: text, Args: args})
}

// Apply is function or operator name of args.
func (t *Table) Apply(name string, args ...*Value) *Value {
	return t.make(Value{Kind: Apply, Text: name, Args: args})
}

// List is a literal list.
func (t *Table) List(args ...*Value) *Value { return t.make(Value{Kind: List, Args: args}) }

// Boxed is x of a concrete type in an interface.
func (t *Table) Boxed(typ string, x *Value) *Value {
	if x.Kind == Nil || x.Kind == Boxed && x.Index == 0 {
		return x
	}
	return t.make(Value{Kind: Boxed, Text: typ, Args: []*Value{x}})
}

// Assumed is x taken for a value of the concrete type: its fields are asked of the type.
func (t *Table) Assumed(typ string, x *Value) *Value {
	return t.make(Value{Kind: Boxed, Index: 1, Text: typ, Args: []*Value{x}})
}

// Struct is a struct; base may be nil. Names must be sorted.
func (t *Table) Struct(typ string, base *Value, names []string, args []*Value) *Value {
	if base != nil && base.Kind == Nil {
		base = nil
	}
	if base != nil && base.Kind == Struct {
		return t.merge(typ, base, names, args)
	}
	if base != nil {
		// A field that is what the base has there changes nothing.
		var n []string
		var a []*Value
		for i, x := range args {
			if x.Kind == Field && x.Text == names[i] && x.Args[0] == base {
				continue
			}
			n, a = append(n, names[i]), append(a, x)
		}
		if len(n) == 0 {
			return base
		}
		names, args = append([]string{""}, n...), append([]*Value{base}, a...)
	}
	return t.make(Value{Kind: Struct, Text: typ, Names: names, Args: args})
}

func (t *Table) merge(typ string, base *Value, names []string, args []*Value) *Value {
	fields := map[string]*Value{}
	var root *Value
	for i, n := range base.Names {
		if n == "" {
			root = base.Args[i]
			continue
		}
		fields[n] = base.Args[i]
	}
	for i, n := range names {
		fields[n] = args[i]
	}
	all := make([]string, 0, len(fields))
	for n := range fields {
		all = append(all, n)
	}
	slices.Sort(all)
	vals := make([]*Value, len(all))
	for i, n := range all {
		vals[i] = fields[n]
	}
	if typ == "" {
		typ = base.Text
	}
	if root != nil {
		all, vals = append([]string{""}, all...), append([]*Value{root}, vals...)
	}
	return t.make(Value{Kind: Struct, Text: typ, Names: all, Args: vals})
}

// Field is a field of x.
func (t *Table) Field(x *Value, name string) *Value {
	switch x.Kind {
	case Nil, Unknown, Loop:
		return x
	case Const:
		return t.unknown
	case Boxed:
		if x.Index == 0 || x.Args[0].Kind == Struct {
			return t.Field(x.Args[0], name)
		}
	case Struct:
		for i, n := range x.Names {
			if n == name {
				return x.Args[i]
			}
		}
		if len(x.Names) > 0 && x.Names[0] == "" {
			return t.Field(x.Args[0], name)
		}
		return t.null
	case Union:
		parts := make([]*Value, len(x.Args))
		for i, a := range x.Args {
			parts[i] = t.Field(a, name)
		}
		return t.Union(parts...)
	case Mix, Fresh:
		return x
	}
	return t.make(Value{Kind: Field, Text: name, Args: []*Value{x}})
}

// Elem is an element of x.
func (t *Table) Elem(x *Value) *Value {
	switch x.Kind {
	case Nil, Unknown, Loop, Mix, Fresh:
		return x
	case Boxed:
		return t.Elem(x.Args[0])
	case List:
		return t.Union(x.Args...)
	case Union:
		parts := make([]*Value, len(x.Args))
		for i, a := range x.Args {
			parts[i] = t.Elem(a)
		}
		return t.Union(parts...)
	case Apply:
		if x.Text == "append" && len(x.Args) > 1 {
			parts := []*Value{t.Elem(x.Args[0])}
			for _, a := range x.Args[1:] {
				parts = append(parts, t.Elem(a))
			}
			return t.Union(parts...)
		}
	}
	return t.make(Value{Kind: Elem, Args: []*Value{x}})
}

// Union is one of the parts; absent and looping parts give way to known ones
// except that a lone Nil is kept.
func (t *Table) Union(parts ...*Value) *Value {
	var flat []*Value
	hasNil, hasLoop := false, false
	var add func(*Value)
	add = func(p *Value) {
		switch p.Kind {
		case Nil:
			hasNil = true
		case Loop:
			hasLoop = true
		case Union:
			for _, a := range p.Args {
				add(a)
			}
		default:
			if !slices.Contains(flat, p) {
				flat = append(flat, p)
			}
		}
	}
	for _, p := range parts {
		add(p)
	}
	if len(flat) == 0 {
		if hasNil || !hasLoop {
			return t.null
		}
		return t.loop
	}
	if hasNil {
		flat = append(flat, t.null)
	}
	if len(flat) == 1 {
		return flat[0]
	}
	slices.SortFunc(flat, compare)
	if len(flat) > maxUnion {
		return t.collapse(Value{Kind: Mix, Args: flat})
	}
	return t.make(Value{Kind: Union, Args: flat})
}

// Mix depends on all parts.
func (t *Table) Mix(parts ...*Value) *Value {
	return t.collapse(Value{Kind: Mix, Args: parts})
}

// String is for tests and debugging.
func (v *Value) String() string {
	if v == nil {
		return "-"
	}
	var b strings.Builder
	names := [...]string{"unknown", "const", "nil", "param", "free", "global", "func", "closure", "field", "elem",
		"struct", "list", "boxed", "apply", "read", "written", "received", "message", "renewed", "fresh", "dyn",
		"chan", "union", "mix", "loop"}
	b.WriteString(names[v.Kind])
	if v.Index != 0 || v.Kind == Param || v.Kind == Free {
		b.WriteString(strconv.Itoa(v.Index))
	}
	if v.Text != "" {
		b.WriteString("<" + v.Text + ">")
	}
	if v.Inst != 0 {
		b.WriteString("#" + strconv.FormatUint(v.Inst&0xffff, 16))
	}
	if len(v.Args) > 0 {
		b.WriteByte('(')
		for i, a := range v.Args {
			if i > 0 {
				b.WriteString(", ")
			}
			if i < len(v.Names) {
				b.WriteString(v.Names[i] + ": ")
			}
			b.WriteString(a.String())
		}
		b.WriteByte(')')
	}
	return b.String()
}
