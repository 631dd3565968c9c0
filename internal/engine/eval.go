package engine

import (
	"go/constant"
	"go/token"
	"go/types"
	"strconv"

	"golang.org/x/tools/go/ssa"

	"github.com/idemlint/idemlint/internal/summary"
	"github.com/idemlint/idemlint/internal/value"
)

// budget bounds the steps spent on one function, beside perStep for each of its
// instructions; what lies beyond is unknown.
const (
	budget  = 20_000
	perStep = 20
)

// function is one function under analysis.
type function struct {
	engine *Engine
	ssa    *ssa.Function
	name   string
	sum    *summary.Summary
	users  []*function
	dirty  bool
	// usesFields: the summary asks what fields or channels hold.
	usesFields bool

	defs    map[ssa.Value]map[*ssa.BasicBlock][]def
	order   map[ssa.Instruction]int
	memo    map[ssa.Value]*value.Value
	atMemo  map[atKey]*value.Value
	busy    map[ssa.Value]bool
	reading map[reading]bool
	// cut counts cycles that were cut while evaluating, partial values that were
	// asked for while they were being found, filling the sites being looked at.
	cut, partial, filling int
	steps                 int
	// exhausted: the budget was used up, so that not all is known.
	exhausted bool
	sites     map[ssa.Instruction]*site
	loops     *loops

	// root: it receives messages. escapes: it returns them to its caller.
	root, escapes bool
	receives      []summary.Effect
	flow          *flow
}

type atKey struct {
	v  ssa.Value
	at ssa.Instruction
}

func (f *function) reset() {
	f.memo = map[ssa.Value]*value.Value{}
	f.atMemo = map[atKey]*value.Value{}
	f.busy = map[ssa.Value]bool{}
	f.reading = map[reading]bool{}
	f.sites = map[ssa.Instruction]*site{}
	f.steps, f.exhausted = 0, false
	if f.order == nil {
		f.order = map[ssa.Instruction]int{}
		for _, b := range f.ssa.Blocks {
			for i, in := range b.Instrs {
				f.order[in] = i
			}
		}
		f.indexDefs()
		f.loops = findLoops(f.ssa)
	}
}

func (f *function) indexIn(in ssa.Instruction) int { return f.order[in] }

// spend reports that the budget is used up.
func (f *function) spend() bool {
	f.steps++
	if f.steps > budget+perStep*len(f.order) {
		f.exhausted = true
	}
	return f.exhausted
}

// eval is the symbolic value of v where execution reaches at.
func (f *function) eval(v ssa.Value, at ssa.Instruction) *value.Value {
	if f.spend() {
		return f.engine.Table.Unknown()
	}
	switch x := v.(type) {
	case *ssa.MakeInterface:
		return f.compute(x, at)
	case *ssa.ChangeInterface:
		return f.eval(x.X, at)
	case *ssa.TypeAssert:
		return f.eval(x.X, at)
	}
	if !isReference(v) {
		return f.base(v, at)
	}
	p := locate(v)
	if p.root == v && len(f.defs[v]) == 0 {
		return f.initial(p, at)
	}
	key := atKey{v, at}
	if r, ok := f.atMemo[key]; ok {
		return r
	}
	cut, partial := f.cut, f.partial
	r := f.snapshot(p, at)
	if f.cut == cut && f.partial == partial {
		f.atMemo[key] = r
	}
	return r
}

// base is v's value without regard to later changes of what it points to.
func (f *function) base(v ssa.Value, at ssa.Instruction) *value.Value {
	if r, ok := f.memo[v]; ok {
		return r
	}
	if f.busy[v] {
		f.cut++
		return f.engine.Table.Loop()
	}
	f.busy[v] = true
	cut, partial := f.cut, f.partial
	r := f.compute(v, at)
	delete(f.busy, v)
	if f.partial == partial && (f.cut == cut || len(f.busy) == 0) {
		f.memo[v] = r
	}
	return r
}

// isReference reports whether what v points to may differ from place to place.
func isReference(v ssa.Value) bool {
	switch v.(type) {
	case *ssa.Alloc, *ssa.FieldAddr, *ssa.IndexAddr, *ssa.FreeVar, *ssa.Global:
		return true
	case *ssa.Const, *ssa.Function, *ssa.MakeClosure, *ssa.Builtin:
		return false
	}
	return refers(v.Type())
}

func (f *function) compute(v ssa.Value, at ssa.Instruction) *value.Value {
	t := f.engine.Table
	switch x := v.(type) {
	case *ssa.Const:
		return f.constant(x)
	case *ssa.Parameter:
		return f.parameter(x)
	case *ssa.Function:
		return f.functionValue(x)
	case *ssa.MakeClosure:
		return f.closure(x, at)
	case *ssa.UnOp:
		return f.unary(x, at)
	case *ssa.BinOp:
		return t.Apply(x.Op.String(), f.eval(x.X, at), f.eval(x.Y, at))
	case *ssa.Phi:
		if g := f.growth(x, at); g != nil {
			return g
		}
		parts := make([]*value.Value, 0, len(x.Edges))
		for i, e := range x.Edges {
			// An operand is read where its edge leaves the predecessor.
			p := x.Block().Preds[i]
			part := f.eval(e, p.Instrs[len(p.Instrs)-1])
			if isVerdict(e) {
				part = f.verdict(f.chosen(p, x.Block()), part)
			}
			parts = append(parts, part)
		}
		return t.Union(parts...)
	case *ssa.Convert:
		return f.convert(x, at)
	case *ssa.ChangeType:
		return f.eval(x.X, at)
	case *ssa.ChangeInterface:
		return f.eval(x.X, at)
	case *ssa.MultiConvert:
		return f.eval(x.X, at)
	case *ssa.SliceToArrayPointer:
		return f.eval(x.X, at)
	case *ssa.MakeInterface:
		inner := f.eval(x.X, at)
		if name := typeName(x.X.Type()); name != "" && f.boxes(x) {
			return t.Boxed(boxName(x.X.Type()), inner)
		}
		return inner
	case *ssa.TypeAssert:
		return f.eval(x.X, at)
	case *ssa.Field:
		return t.Field(f.eval(x.X, at), fieldName(x.X.Type(), x.Field))
	case *ssa.Index:
		return f.drawn(f.step(f.eval(x.X, at), indexName(x.Index)), x.Index, at)
	case *ssa.Lookup:
		m := f.eval(x.X, at)
		if c, ok := x.Index.(*ssa.Const); ok {
			return f.step(m, indexName(c))
		}
		if isBool(x.Type()) && !x.CommaOk {
			return t.Apply("ok", t.Elem(m), f.eval(x.Index, at))
		}
		return f.drawn(t.Elem(m), x.Index, at)
	case *ssa.Range:
		return f.eval(x.X, at)
	case *ssa.Next:
		return f.eval(x.Iter, at)
	case *ssa.MakeChan:
		return t.Node(value.Chan, 0, f.engine.instanceAt(x.Pos(), ""), "", f.eval(x.Size, at))
	case *ssa.Extract:
		return f.extract(x, at)
	case *ssa.Call:
		return f.result(x, 0)
	case *ssa.Select:
		return t.Unknown()
	}
	return t.Unknown()
}

// opGrows is a number that a loop multiplies (or, opCounts, adds to) at each turn:
// its start, the factor or step, and what bounds it, if anything does.
const (
	opGrows  = "grows"
	opCounts = "counts"
)

// growth recognises a loop variable that starts at one value and is multiplied by, or
// raised by, a constant at each turn: back-off, counters.
func (f *function) growth(x *ssa.Phi, at ssa.Instruction) *value.Value {
	l := f.loops.byHeader[x.Block()]
	if l == nil || len(x.Edges) != 2 {
		return nil
	}
	var start, next ssa.Value
	for i, e := range x.Edges {
		if l.blocks[x.Block().Preds[i]] {
			next = e
		} else {
			start = e
		}
	}
	if start == nil || next == nil || !isNumeric(x.Type()) {
		return nil
	}
	t := f.engine.Table
	limit := t.Nil()
	if c, ok := next.(*ssa.Call); ok {
		if b, ok := c.Call.Value.(*ssa.Builtin); ok && b.Name() == "min" && len(c.Call.Args) == 2 {
			next, limit = c.Call.Args[0], f.eval(c.Call.Args[1], at)
			if _, ok := next.(*ssa.BinOp); !ok {
				next, limit = c.Call.Args[1], f.eval(c.Call.Args[0], at)
			}
		}
	}
	op, ok := next.(*ssa.BinOp)
	if !ok {
		return nil
	}
	by, isConst := op.Y.(*ssa.Const)
	if op.X != x || !isConst {
		if by, isConst = op.X.(*ssa.Const); op.Y != x || !isConst {
			return nil
		}
	}
	name := ""
	switch op.Op {
	case token.MUL:
		name = opGrows
	case token.ADD:
		name = opCounts
	default:
		return nil
	}
	return t.Apply(name, f.eval(start, at), f.constant(by), limit)
}

// boxes reports whether the concrete type is worth remembering: it has methods of
// its own that a call through the interface may reach.
func (f *function) boxes(x *ssa.MakeInterface) bool {
	i, ok := x.Type().Underlying().(*types.Interface)
	return ok && i.NumMethods() > 0 && !isContext(x.Type()) && !isError(x.Type())
}

// boxName is the concrete type with its star, as in method names: "*pkg.T".
func boxName(t types.Type) string {
	if _, ok := types.Unalias(t).(*types.Pointer); ok {
		return "*" + typeName(t)
	}
	return typeName(t)
}

func (f *function) constant(c *ssa.Const) *value.Value {
	t := f.engine.Table
	if c.Value == nil {
		return t.Nil()
	}
	if c.Value.Kind() == constant.String {
		return t.Const(constant.StringVal(c.Value))
	}
	return t.Const(c.Value.ExactString())
}

func (f *function) parameter(p *ssa.Parameter) *value.Value {
	for i, q := range f.ssa.Params {
		if q == p {
			if f.isGiven(p) && !f.engine.isCarrier(element(p.Type())) {
				return f.engine.Table.Leaf(value.Param, i, 0, givenText)
			}
			return f.engine.Table.Leaf(value.Param, i, 0, boxName(p.Type()))
		}
	}
	return f.engine.Table.Unknown()
}

func (f *function) freeValue(v *ssa.FreeVar) *value.Value {
	for i, q := range f.ssa.FreeVars {
		if q == v {
			return f.engine.Table.Leaf(value.Free, i, 0, boxName(deref(v.Type())))
		}
	}
	return f.engine.Table.Unknown()
}

func (f *function) globalValue(g *ssa.Global) *value.Value {
	name := g.String()
	if f.engine.Index.Zero(name) {
		return f.engine.Table.Struct(typeName(g.Type()), nil, nil, nil)
	}
	if v, ok := f.engine.fields[name]; ok {
		f.usesFields = true
		return v
	}
	f.usesFields = f.usesFields || g.Pkg == f.engine.pkg
	return f.engine.Table.Leaf(value.Global, 0, 0, name)
}

// functionValue is a function used as a value; wrappers of methods are the method.
func (f *function) functionValue(g *ssa.Function) *value.Value {
	if own := f.engine.resolveBound(g); own != nil {
		return f.engine.Table.Leaf(value.Func, 0, 0, own.name)
	}
	return f.engine.Table.Leaf(value.Func, 0, 0, nameOf(g))
}

// closure is a function literal with what it captures, or a method with its receiver.
func (f *function) closure(x *ssa.MakeClosure, at ssa.Instruction) *value.Value {
	g := x.Fn.(*ssa.Function)
	args := make([]*value.Value, len(x.Bindings))
	for i, b := range x.Bindings {
		args[i] = f.eval(b, at)
	}
	bound := 0
	name := nameOf(g)
	if g.Parent() == nil {
		// A bound method: its binding is the receiver.
		bound = 1
		if obj, ok := g.Object().(*types.Func); ok {
			name = obj.FullName()
			if recv := obj.Signature().Recv(); recv != nil && types.IsInterface(recv.Type()) {
				return f.engine.Table.Node(value.Closure, 2, 0, name, args...)
			}
		}
	}
	return f.engine.Table.Node(value.Closure, bound, 0, name, args...)
}

func (f *function) unary(x *ssa.UnOp, at ssa.Instruction) *value.Value {
	t := f.engine.Table
	switch x.Op {
	case token.MUL:
		v := f.snapshot(locate(x.X), x)
		if ia, ok := x.X.(*ssa.IndexAddr); ok {
			return f.drawn(v, ia.Index, at)
		}
		return v
	case token.ARROW:
		return f.fromChannel(f.eval(x.X, at), x.X.Type(), x.Pos())
	}
	return t.Apply(x.Op.String(), f.eval(x.X, at))
}

// drawn is an element that was picked by an index: where that is fresh, so is the choice.
func (f *function) drawn(v *value.Value, index ssa.Value, at ssa.Instruction) *value.Value {
	if _, ok := index.(*ssa.Const); ok {
		return v
	}
	if i := f.eval(index, at); i.Has(value.Fresh) {
		return f.engine.Table.Apply("at", v, i)
	}
	return v
}

// fromChannel is what is received from a channel: a message where the channel
// carries messages, else what the package is seen to send.
func (f *function) fromChannel(ch *value.Value, typ types.Type, pos token.Pos) *value.Value {
	t := f.engine.Table
	if c, ok := typ.Underlying().(*types.Chan); ok && f.engine.arrives(c.Elem()) {
		return t.Node(value.Received, 0, f.engine.instanceAt(pos, "<-"), "<-", ch)
	}
	return t.Elem(ch)
}

func (f *function) convert(x *ssa.Convert, at ssa.Instruction) *value.Value {
	v := f.eval(x.X, at)
	if v.Kind == value.Const {
		if b, ok := x.Type().Underlying().(*types.Basic); ok && b.Info()&types.IsInteger != 0 {
			if n, err := strconv.ParseFloat(v.Text, 64); err == nil {
				return f.engine.Table.Int(int64(n))
			}
		}
	}
	return v
}

func (f *function) extract(x *ssa.Extract, at ssa.Instruction) *value.Value {
	t := f.engine.Table
	switch tuple := x.Tuple.(type) {
	case *ssa.Call:
		return f.result(tuple, x.Index)
	case *ssa.Next:
		v := f.eval(tuple.Iter, at)
		switch x.Index {
		case 1:
			return t.Apply("key", v)
		case 2:
			return t.Elem(v)
		}
		return t.Unknown()
	case *ssa.Select:
		if x.Index >= 2 {
			n := 2
			for _, s := range tuple.States {
				if s.Dir != types.RecvOnly {
					continue
				}
				if n == x.Index {
					return f.fromChannel(f.eval(s.Chan, at), s.Chan.Type(), s.Pos)
				}
				n++
			}
		}
		return t.Unknown()
	case *ssa.UnOp, *ssa.Lookup, *ssa.TypeAssert:
		if x.Index == 0 {
			return f.eval(tuple, at)
		}
		if l, ok := tuple.(*ssa.Lookup); ok {
			return t.Apply("ok", f.eval(tuple, at), f.eval(l.Index, at))
		}
		return t.Apply("ok", f.eval(tuple.(ssa.Value), at))
	}
	return t.Unknown()
}
