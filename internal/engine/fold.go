package engine

import (
	"go/types"
	"slices"
	"strings"

	"golang.org/x/tools/go/ssa"

	"github.com/idemlint/idemlint/internal/summary"
	"github.com/idemlint/idemlint/internal/value"
	"github.com/idemlint/idemlint/models"
)

const (
	// maxEffects bounds the effects of one summary, maxChain the calls that lead to one.
	maxEffects = 240
	maxChain   = 8
	// maxResolve bounds how deep calls through interfaces resolve into one another.
	maxResolve = 6
	// maxResolved bounds how many such calls are resolved for one function: where
	// calls through interfaces and function values call each other, each resolves
	// into many.
	maxResolved = 500
)

// target is a function that a call may reach.
type target struct {
	name  string
	sum   *summary.Summary
	model *models.Call
	args  []*value.Value
	frees []*value.Value
}

// targets are the functions with a summary behind a callee value: the method of
// the concrete type in an interface, or the function itself.
func (e *Engine) targets(callee *value.Value, method string, args []*value.Value) []target {
	var list []target
	switch callee.Kind {
	case value.Union:
		for _, a := range callee.Args {
			list = append(list, e.targets(a, method, args)...)
		}
		return list
	case value.Elem:
		// An entry of a dispatch table.
		if table := callee.Args[0]; table.Kind == value.Struct && method == "" {
			for _, a := range table.Args {
				list = append(list, e.targets(a, method, args)...)
			}
		}
		return list
	case value.Boxed, value.Struct, value.Param, value.Field:
		if method == "" {
			return nil
		}
		typ := callee.Text
		recv := callee
		switch callee.Kind {
		case value.Boxed:
			if callee.Index == 0 {
				recv = callee.Args[0]
			}
		case value.Field:
			return nil
		}
		if typ == "" {
			return nil
		}
		return e.methodTargets(typ, method, recv, args)
	case value.Func:
		return e.target(callee.Text, args, nil)
	case value.Closure:
		switch callee.Index {
		case 2: // a method value of an interface
			return e.targets(callee.Args[0], callee.Text, args)
		case 1:
			return e.target(callee.Text, append([]*value.Value{callee.Args[0]}, args...), nil)
		default:
			return e.target(callee.Text, args, callee.Args)
		}
	}
	return nil
}

// target is a function by name: its summary, or what a model says of it.
func (e *Engine) target(name string, args, frees []*value.Value) []target {
	if m := e.Index.Call(name); m != nil {
		return []target{{name: name, model: m, sum: e.modelSummary(m), args: args}}
	}
	if s := e.Summary(name); s != nil {
		return []target{{name: name, sum: s, args: args, frees: frees}}
	}
	return nil
}

func (e *Engine) methodTargets(typ, method string, recv *value.Value, args []*value.Value) []target {
	simple := method[strings.LastIndexByte(method, '.')+1:]
	for _, m := range e.methodOf(typ, simple) {
		r := recv
		for _, f := range m.path {
			r = e.Table.Field(r, f)
		}
		if t := e.target(m.name, append([]*value.Value{r}, args...), nil); t != nil {
			return t
		}
		if m.iface && len(m.path) > 0 {
			return e.targets(r, m.name, args)
		}
	}
	return nil
}

type method struct {
	name  string
	path  []string // embedded fields on the way
	iface bool
}

// methodOf finds a method of a concrete type, through embedded fields too.
func (e *Engine) methodOf(typ, simple string) []method {
	if obj := e.lookupType(strings.TrimPrefix(typ, "*")); obj != nil {
		var t types.Type = obj
		if _, ok := obj.Underlying().(*types.Interface); !ok {
			t = types.NewPointer(obj)
		}
		o, index, _ := types.LookupFieldOrMethod(t, true, obj.Obj().Pkg(), simple)
		fn, ok := o.(*types.Func)
		if !ok {
			return nil
		}
		m := method{name: fn.Origin().FullName()}
		var at types.Type = obj
		for _, i := range index[:len(index)-1] {
			s, ok := deref(at).Underlying().(*types.Struct)
			if !ok {
				return nil
			}
			m.path = append(m.path, s.Field(i).Name())
			at = s.Field(i).Type()
		}
		m.iface = types.IsInterface(at)
		return []method{m}
	}
	// The type's package is not among the imports that are loaded: its facts may be.
	base := strings.TrimPrefix(typ, "*")
	return []method{{name: "(*" + base + ")." + simple}, {name: "(" + base + ")." + simple}}
}

// lookupType finds a named type by its full name among the packages in reach.
func (e *Engine) lookupType(name string) *types.Named {
	i := strings.LastIndexByte(name, '.')
	if i < 0 {
		return nil
	}
	p := e.packageByPath(name[:i])
	if p == nil {
		return nil
	}
	obj, ok := p.Scope().Lookup(name[i+1:]).(*types.TypeName)
	if !ok {
		return nil
	}
	n, _ := types.Unalias(obj.Type()).(*types.Named)
	return n
}

func (e *Engine) packageByPath(path string) *types.Package {
	if path == e.Pass.Pkg.Path() {
		return e.Pass.Pkg
	}
	if e.reach == nil {
		e.reach = map[string]*types.Package{}
		var add func(*types.Package)
		add = func(p *types.Package) {
			if e.reach[p.Path()] == nil {
				e.reach[p.Path()] = p
				for _, q := range p.Imports() {
					add(q)
				}
			}
		}
		add(e.Pass.Pkg)
	}
	return e.reach[path]
}

// binding puts a call's operands in the place of its callee's parameters.
type binding struct {
	e     *Engine
	inst  uint64
	args  []*value.Value
	frees []*value.Value
	memo  map[*value.Value]*value.Value
	// keep: parameters and instances stay as they are, only captures are bound.
	keep bool
}

func (b *binding) value(v *value.Value) *value.Value {
	return b.e.Table.Rewrite(v, b.memo, func(was, is *value.Value) *value.Value {
		if b.keep && was.Kind != value.Free && was.Kind != value.Dyn {
			return b.e.rowKey(is)
		}
		switch was.Kind {
		case value.Param:
			if was.Index < len(b.args) {
				return b.args[was.Index]
			}
			return b.e.Table.Unknown()
		case value.Free:
			if was.Index < len(b.frees) {
				return b.frees[was.Index]
			}
			return b.e.Table.Unknown()
		case value.Read, value.Written, value.Received, value.Renewed, value.Fresh, value.Chan:
			return b.e.Table.WithInst(is, instance(b.inst, is.Inst))
		case value.Apply:
			if is.Kind == value.Apply && is.Inst != 0 {
				return b.e.Table.WithInst(is, instance(b.inst, is.Inst))
			}
			return b.e.rowKey(is)
		case value.Dyn:
			if is.Kind == value.Dyn && b.keep {
				return b.e.Resolve(is)
			}
			if is.Kind == value.Dyn {
				return b.e.Resolve(b.e.Table.WithInst(is, instance(b.inst, is.Inst)))
			}
		}
		return nil
	})
}

// Resolve replaces a call through an interface or function value by its result,
// where the concrete callee is known by now.
func (e *Engine) Resolve(d *value.Value) *value.Value {
	if e.depth >= maxResolve || len(d.Args) == 0 || e.resolved >= maxResolved {
		return d
	}
	e.resolved++
	if d.Args[0].Kind == value.Nil {
		return e.Table.Nil() // an entry of an empty list: nothing is called
	}
	targets := e.targets(d.Args[0], d.Text, d.Args[1:])
	if len(targets) == 0 {
		return d
	}
	e.depth++
	defer func() { e.depth-- }()
	var parts []*value.Value
	for _, t := range targets {
		b := &binding{e: e, inst: d.Inst, args: t.args, frees: t.frees, memo: map[*value.Value]*value.Value{}}
		switch {
		case d.Index == dynSerial:
			if t.sum.Serial != nil {
				parts = append(parts, b.value(t.sum.Serial))
			}
		case d.Index == dynUntil:
			if t.sum.Until != nil {
				parts = append(parts, b.value(t.sum.Until))
			}
		case d.Index >= dynOut:
			// Parameters count the receiver; function values have none.
			shift := len(t.args) - (len(d.Args) - 1)
			parts = append(parts, b.out(t.sum, d.Index-dynOut+shift)...)
		case d.Index < len(t.sum.Results) && t.sum.Results[d.Index] != nil:
			parts = append(parts, b.value(t.sum.Results[d.Index]))
		}
	}
	if len(parts) == 0 {
		if d.Index < 0 {
			return e.Table.Const("0")
		}
		return e.Table.Unknown()
	}
	return e.Table.Union(parts...)
}

// out is what a callee leaves behind its index-th parameter, as the caller sees it.
func (b *binding) out(s *summary.Summary, index int) []*value.Value {
	var parts []*value.Value
	fields := map[string]*value.Value{}
	for _, o := range s.Outs {
		if o.Param != index {
			continue
		}
		v := b.value(o.Value)
		if len(o.Path) == 0 {
			parts = append(parts, v)
			continue
		}
		for i := len(o.Path) - 1; i > 0; i-- {
			v = b.e.Table.Struct("", nil, []string{o.Path[i]}, []*value.Value{v})
		}
		fields[o.Path[0]] = b.e.joined(fields[o.Path[0]], v)
	}
	if len(fields) > 0 {
		names := sortedKeys(fields)
		vals := make([]*value.Value, len(names))
		for i, n := range names {
			vals[i] = fields[n]
		}
		parts = append(parts, b.e.Table.Struct("", nil, names, vals))
	}
	return parts
}

// fold puts what the targets do into the call site.
func (e *Engine) fold(s *site, targets []target, at summary.Pos, inst uint64) {
	s.known = true
	for i, t := range targets {
		b := &binding{e: e, inst: inst, args: t.args, frees: t.frees, memo: map[*value.Value]*value.Value{}}
		for j, r := range t.sum.Results {
			v := b.value(r)
			if v == nil {
				v = e.Table.Unknown()
			}
			if j < len(s.results) {
				s.results[j] = e.Table.Union(s.results[j], v)
			} else {
				s.results = append(s.results, v)
			}
		}
		for _, o := range t.sum.Outs {
			s.outs = append(s.outs, summary.Out{Param: o.Param, Path: o.Path, Value: b.value(o.Value)})
		}
		s.effects = append(s.effects, e.bindEffects(b, t.sum.Effects, at)...)
		for _, w := range t.sum.Windows {
			if nw, ok := e.bindWindow(b, w, at); ok {
				s.windows = append(s.windows, nw)
			}
		}
		s.settles = s.settles || t.sum.Settles
		s.outcomes = append(s.outcomes, t.sum.Outcomes...)
		if i == 0 {
			s.serial, s.until, s.parallel = b.value(t.sum.Serial), b.value(t.sum.Until), b.value(t.sum.Parallel)
		} else {
			s.serial = e.larger(s.serial, b.value(t.sum.Serial))
			s.until = e.larger(s.until, b.value(t.sum.Until))
			s.parallel = e.larger(s.parallel, b.value(t.sum.Parallel))
		}
	}
	if len(s.effects) > maxEffects {
		s.effects = s.effects[:maxEffects]
	}
}

// bindEffects are a callee's effects as the caller sees them; calls that were
// symbolic become what they reach where that is known now.
func (e *Engine) bindEffects(b *binding, effects []summary.Effect, at summary.Pos) []summary.Effect {
	var out []summary.Effect
	for _, x := range effects {
		if len(x.Chain) >= maxChain || slices.Contains(x.Chain, at) {
			continue
		}
		if at.Valid() {
			x.Chain = append([]summary.Pos{at}, x.Chain...)
		}
		if !b.keep {
			x.Inst = instance(b.inst, x.Inst)
			if x.LateAfter != 0 {
				x.LateAfter = instance(b.inst, x.LateAfter)
			}
			if x.Failed != 0 {
				x.Failed = instance(b.inst, x.Failed)
			}
			if x.Task != 0 {
				x.Task = instance(b.inst, x.Task)
			}
		}
		x.Map(b.value)
		out = append(out, e.Expand(x)...)
	}
	return out
}

// Expand resolves a symbolic call's effects, or returns the effect as it is.
func (e *Engine) Expand(x summary.Effect) []summary.Effect {
	if x.Role != summary.Dynamic || e.depth >= maxResolve || e.resolved >= maxResolved {
		return []summary.Effect{x}
	}
	e.resolved++
	args := x.Slots[summary.Args]
	if x.Slots[summary.Callee] == nil || args == nil || args.Kind != value.List {
		return []summary.Effect{x}
	}
	targets := e.targets(x.Slots[summary.Callee], x.Func, args.Args)
	if len(targets) == 0 {
		return []summary.Effect{x}
	}
	e.depth++
	defer func() { e.depth-- }()
	var out []summary.Effect
	table := x.Slots[summary.Callee].Kind == value.Elem && len(targets) > 1
	for arm, t := range targets {
		b := &binding{e: e, inst: x.Inst, args: t.args, frees: t.frees, memo: map[*value.Value]*value.Value{}}
		for _, y := range e.bindEffects(b, t.sum.Effects, x.Pos) {
			y.Chain = append(slices.Clone(x.Chain), y.Chain...)
			y.Held = y.Held && x.Held
			y.Late = y.Late || x.Late
			y.InBatch = y.InBatch || x.InBatch
			y.Looping = y.Looping || x.Looping
			if g := x.Slots[summary.Guards]; g != nil {
				e.hangOn(&y, g.Args)
			}
			if x.Task != 0 {
				y.Task = x.Task
			}
			if table {
				y.Table, y.Arm = x.Inst, arm
				y.Inst = instance(y.Inst, uint64(arm))
			}
			y.Resolved = true
			y.Via = receiverOf(t.name)
			out = append(out, y)
		}
	}
	return out
}

// receiverOf is the type in a method's full name: "pkg.T" of "(*pkg.T).M".
func receiverOf(name string) string {
	name = strings.TrimLeft(name, "(*")
	typ, _, ok := strings.Cut(name, ").")
	if !ok {
		return ""
	}
	return typ
}

// Wiring is the place where this package puts a value of the concrete type into an
// interface.
func (e *Engine) Wiring(typ string) (summary.Pos, bool) {
	for _, f := range e.own {
		for _, b := range f.ssa.Blocks {
			for _, in := range b.Instrs {
				if m, ok := in.(*ssa.MakeInterface); ok && typeName(m.X.Type()) == typ {
					if p := m.X.Pos(); p.IsValid() {
						return e.Pos(p), true
					}
				}
			}
		}
	}
	return summary.Pos{}, false
}

// bindWindow is a callee's unfinished window with the caller's values in it.
func (e *Engine) bindWindow(b *binding, w summary.Window, at summary.Pos) (summary.Window, bool) {
	if len(w.Receive.Chain) >= maxChain || slices.Contains(w.Receive.Chain, at) {
		return w, false
	}
	w.Receive.Chain = append([]summary.Pos{at}, w.Receive.Chain...)
	w.Receive.Inst = instance(b.inst, w.Receive.Inst)
	w.Receive.Map(b.value)
	w.Effects = e.bindEffects(b, w.Effects, at)
	w.Serial = b.value(w.Serial)
	return w, true
}

// sum and larger add durations up; nil is nothing.
func (e *Engine) sum(a, b *value.Value) *value.Value { return e.combine(value.OpSum, a, b) }

func (e *Engine) larger(a, b *value.Value) *value.Value { return e.combine(value.OpMax, a, b) }

func (e *Engine) combine(op string, a, b *value.Value) *value.Value {
	if a == nil || a == b && op == value.OpMax {
		return b
	}
	if b == nil {
		return a
	}
	var parts []*value.Value
	seen := map[*value.Value]bool{}
	add := func(v *value.Value) {
		// One deadline is spent once, however many calls share it.
		if seen[v] && (op == value.OpMax || v.Kind == value.Apply && v.Text == opUnder && v.Args[1].Kind != value.Const) {
			return
		}
		seen[v] = true
		parts = append(parts, v)
	}
	for _, v := range [...]*value.Value{a, b} {
		if v.Kind == value.Apply && v.Text == op {
			for _, x := range v.Args {
				add(x)
			}
			continue
		}
		add(v)
	}
	if len(parts) == 1 {
		return parts[0]
	}
	return e.Table.Apply(op, parts...)
}
