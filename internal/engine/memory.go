package engine

import (
	"go/constant"
	"go/token"
	"go/types"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/tools/go/ssa"

	"github.com/idemlint/idemlint/internal/value"
)

// place is a memory cell: a root value of the function and a path of fields and
// elements from it. Pointers are looked through, so p.X.Y is one path however
// many pointers it passes.
type place struct {
	root ssa.Value
	path []string
}

// locate finds the cell that an address (or a reference) stands for.
func locate(v ssa.Value) place {
	switch x := v.(type) {
	case *ssa.FieldAddr:
		p := locate(x.X)
		return place{p.root, append(slices.Clip(p.path), fieldName(x.X.Type(), x.Field))}
	case *ssa.Field:
		p := locate(x.X)
		return place{p.root, append(slices.Clip(p.path), fieldName(x.X.Type(), x.Field))}
	case *ssa.IndexAddr:
		p := locate(x.X)
		return place{p.root, append(slices.Clip(p.path), indexName(x.Index))}
	case *ssa.UnOp:
		if x.Op.String() == "*" {
			return locate(x.X)
		}
	case *ssa.Slice:
		return locate(x.X)
	case *ssa.ChangeType:
		return locate(x.X)
	case *ssa.MakeInterface:
		return locate(x.X)
	case *ssa.Call:
		if isStreamWrapper(x) {
			return locate(x.Call.Args[0])
		}
	case *ssa.ChangeInterface:
		return locate(x.X)
	case *ssa.TypeAssert:
		if !x.CommaOk {
			return locate(x.X)
		}
	case *ssa.Extract:
		if t, ok := x.Tuple.(*ssa.TypeAssert); ok && x.Index == 0 {
			return locate(t.X)
		}
	}
	return place{root: v}
}

// isStreamWrapper recognises json.NewEncoder(&buf), bufio.NewReader(r) and their
// kin: what goes through the result goes through the argument.
func isStreamWrapper(c *ssa.Call) bool {
	callee := c.Call.StaticCallee()
	if callee == nil || len(c.Call.Args) == 0 || !strings.HasPrefix(callee.Name(), "New") || callee.Signature.Recv() != nil {
		return false
	}
	for _, s := range [...]string{"Encoder", "Decoder", "Writer", "Reader", "Scanner"} {
		if strings.Contains(callee.Name(), s) {
			return refers(c.Call.Args[0].Type())
		}
	}
	return false
}

func fieldName(t types.Type, i int) string {
	if p, ok := t.Underlying().(*types.Pointer); ok {
		t = p.Elem()
	}
	if s, ok := t.Underlying().(*types.Struct); ok && i < s.NumFields() {
		return s.Field(i).Name()
	}
	return "?"
}

func indexName(index ssa.Value) string {
	if c, ok := index.(*ssa.Const); ok && c.Value != nil {
		if c.Value.Kind() == constant.String {
			return constant.StringVal(c.Value)
		}
		return "[" + c.Value.ExactString() + "]"
	}
	return "[]"
}

// def is an instruction that may change what is at a path of a root.
type def struct {
	in    ssa.Instruction
	index int // of the instruction in its block
	path  []string
	val   ssa.Value // stored value; nil for calls
	arg   int       // which argument of the call; -1-n for its n-th binding
}

// indexDefs finds, once per function, everything that may change memory.
func (f *function) indexDefs() {
	f.defs = map[ssa.Value]map[*ssa.BasicBlock][]def{}
	add := func(b *ssa.BasicBlock, root ssa.Value, d def) {
		m := f.defs[root]
		if m == nil {
			m = map[*ssa.BasicBlock][]def{}
			f.defs[root] = m
		}
		m[b] = append(m[b], d)
	}
	for _, b := range f.ssa.Blocks {
		for i, in := range b.Instrs {
			switch x := in.(type) {
			case *ssa.Store:
				p := locate(x.Addr)
				add(b, p.root, def{in: in, index: i, path: p.path, val: x.Val})
			case *ssa.MapUpdate:
				p := locate(x.Map)
				add(b, p.root, def{in: in, index: i, path: append(slices.Clip(p.path), indexName(x.Key)), val: x.Value})
			case ssa.CallInstruction:
				common := x.Common()
				if _, ok := common.Value.(*ssa.Builtin); ok && common.Value.Name() != "copy" {
					continue
				}
				places, arg := f.engine.pointees(common)
				for _, p := range places {
					add(b, p.root, def{in: in, index: i, path: p.path, arg: arg})
				}
				for j, a := range common.Args {
					if refers(a.Type()) {
						p := locate(a)
						add(b, p.root, def{in: in, index: i, path: p.path, arg: j})
					}
					if mc, ok := a.(*ssa.MakeClosure); ok {
						for _, bind := range mc.Bindings {
							p := locate(bind)
							add(b, p.root, def{in: in, index: i, path: p.path, arg: j})
						}
					}
				}
				if mc := closureOf(common.Value); mc != nil {
					for k, bind := range mc.Bindings {
						p := locate(bind)
						add(b, p.root, def{in: in, index: i, path: p.path, arg: -1 - k})
					}
				}
			}
		}
	}
}

func closureOf(v ssa.Value) *ssa.MakeClosure {
	mc, _ := v.(*ssa.MakeClosure)
	return mc
}

// refers reports whether a callee given a value of the type can change the caller's memory.
func refers(t types.Type) bool {
	if isContext(t) || isError(t) {
		return false
	}
	switch t.Underlying().(type) {
	case *types.Pointer, *types.Slice, *types.Map, *types.Interface:
		return true
	}
	return false
}

// reading is a place being read where execution reaches an instruction.
type reading struct {
	place string
	at    ssa.Instruction
}

// maxParts bounds the fields and elements that one value is made of: tables of
// constants have thousands.
const maxParts = 128

// snapshot is what is at the place when execution reaches the instruction.
func (f *function) snapshot(p place, at ssa.Instruction) *value.Value {
	t := f.engine.Table
	key := reading{p.key(), at}
	if f.reading[key] || len(p.path) > 8 {
		f.partial++
		return t.Loop()
	}
	f.reading[key] = true
	defer delete(f.reading, key)

	base := f.read(p, at)
	var names []string
	seen := map[string]bool{}
	blocks := f.defs[p.root]
	for _, ds := range blocks {
		for _, d := range ds {
			if len(d.path) > len(p.path) && hasPrefix(d.path, p.path) && (d.val != nil || !isIndex(d.path[len(p.path)])) {
				n := d.path[len(p.path)]
				if !seen[n] && len(names) < maxParts {
					seen[n] = true
					names = append(names, n)
				}
			}
			for _, n := range f.fieldsSet(d, p) {
				if !seen[n] && len(names) < maxParts {
					seen[n] = true
					names = append(names, n)
				}
			}
		}
	}
	if len(names) == 0 {
		return base
	}
	slices.Sort(names)
	if !slices.ContainsFunc(names, func(n string) bool { return !isIndex(n) }) {
		return f.elements(p, base, names, at)
	}
	vals := make([]*value.Value, len(names))
	for i, n := range names {
		vals[i] = f.snapshot(place{p.root, append(slices.Clip(p.path), n)}, at)
	}
	return t.Struct(f.typeAt(p), base, names, vals)
}

// fieldsSet are the parts of the place that a call is known to change by themselves:
// those that a method sets.
func (f *function) fieldsSet(d def, p place) []string {
	in, ok := d.in.(ssa.CallInstruction)
	if !ok || d.val != nil || d.arg < 0 || !slices.Equal(d.path, p.path) {
		return nil
	}
	callee := in.Common().StaticCallee()
	if callee == nil {
		return nil
	}
	if field := f.engine.setField(in.Common()); field != "" {
		return []string{field}
	}
	own := f.engine.resolveBound(callee)
	if own == nil || own.sum == nil {
		return nil
	}
	var names []string
	for _, o := range own.sum.Outs {
		if o.Param == d.arg && len(o.Path) > 0 && !isIndex(o.Path[0]) {
			names = append(names, o.Path[0])
		}
	}
	return names
}

// elements is the snapshot of an array, slice or map whose elements were stored one by one.
func (f *function) elements(p place, base *value.Value, names []string, at ssa.Instruction) *value.Value {
	slices.SortFunc(names, func(a, b string) int {
		x, _ := strconv.Atoi(a[1 : len(a)-1])
		y, _ := strconv.Atoi(b[1 : len(b)-1])
		return x - y
	})
	t := f.engine.Table
	var vals []*value.Value
	for _, n := range names {
		vals = append(vals, f.snapshot(place{p.root, append(slices.Clip(p.path), n)}, at))
	}
	list := t.List(vals...)
	if base.Kind == value.Nil {
		return list
	}
	return t.Apply("append", base, list)
}

func (p place) key() string {
	k := p.root.Name()
	if a, ok := p.root.(*ssa.Global); ok {
		k = a.String()
	}
	for _, s := range p.path {
		k += "." + s
	}
	return k
}

func hasPrefix(path, prefix []string) bool {
	return len(path) >= len(prefix) && slices.Equal(path[:len(prefix)], prefix)
}

// typeAt is the named type of what the place holds, or "".
func (f *function) typeAt(p place) string {
	t := p.root.Type()
	for _, s := range p.path {
		t = deref(t)
		switch u := t.Underlying().(type) {
		case *types.Struct:
			t = nil
			for i := range u.NumFields() {
				if u.Field(i).Name() == s {
					t = u.Field(i).Type()
				}
			}
		case *types.Slice:
			t = u.Elem()
		case *types.Array:
			t = u.Elem()
		case *types.Map:
			t = u.Elem()
		default:
			t = nil
		}
		if t == nil {
			return ""
		}
	}
	return typeName(t)
}

func deref(t types.Type) types.Type {
	for {
		p, ok := types.Unalias(t).Underlying().(*types.Pointer)
		if !ok {
			return t
		}
		t = p.Elem()
	}
}

// typeName is the full name of the named type behind pointers, or "".
func typeName(t types.Type) string {
	n, ok := types.Unalias(deref(t)).(*types.Named)
	if !ok {
		return ""
	}
	o := n.Origin().Obj()
	if o.Pkg() == nil {
		return o.Name()
	}
	return o.Pkg().Path() + "." + o.Name()
}

// read walks back from the instruction to the stores that reach it, without
// regard to stores into parts of the place.
func (f *function) read(p place, at ssa.Instruction) *value.Value {
	blocks := f.defs[p.root]
	if len(blocks) == 0 {
		return f.initial(p, at)
	}
	r := reader{f: f, p: p, at: at, blocks: blocks, done: map[*ssa.BasicBlock]*value.Value{}}
	b := at.Block()
	return r.from(b, f.indexIn(at))
}

type reader struct {
	f      *function
	p      place
	at     ssa.Instruction
	blocks map[*ssa.BasicBlock][]def
	done   map[*ssa.BasicBlock]*value.Value
}

func (r *reader) from(b *ssa.BasicBlock, before int) *value.Value {
	t := r.f.engine.Table
	var weak []*value.Value
	ds := r.blocks[b]
	for i := len(ds) - 1; i >= 0; i-- {
		d := ds[i]
		if d.index >= before {
			continue
		}
		v, strong := r.f.effectOf(d, r.p, r.at)
		if v == nil {
			continue
		}
		if strong {
			return t.Union(append(weak, v)...)
		}
		weak = append(weak, v)
	}
	// The root itself is made here: nothing earlier can have changed it.
	if in, ok := r.p.root.(ssa.Instruction); ok && in.Block() == b && r.f.indexIn(in) < before {
		return t.Union(append(weak, r.f.initial(r.p, r.at))...)
	}
	if len(b.Preds) == 0 {
		return t.Union(append(weak, r.f.initial(r.p, r.at))...)
	}
	for _, p := range b.Preds {
		v, ok := r.done[p]
		if !ok {
			if r.f.spend() {
				return t.Unknown()
			}
			r.done[p] = t.Loop()
			v = r.from(p, len(p.Instrs))
			r.done[p] = v
		}
		weak = append(weak, v)
	}
	return t.Union(weak...)
}

// effectOf is what a def leaves at the place, nil for nothing; strong where it
// surely replaces what was there.
func (f *function) effectOf(d def, p place, at ssa.Instruction) (*value.Value, bool) {
	t := f.engine.Table
	if d.val == nil {
		return f.callOut(d, p)
	}
	if u, ok := d.val.(*ssa.UnOp); ok && u.Op == token.MUL {
		if from := locate(u.X); from.root == p.root && slices.Equal(from.path, d.path) {
			return nil, false // stored back: "return v, f(&v)" with a named result
		}
	}
	if hasPrefix(p.path, d.path) {
		rest := p.path[len(d.path):]
		v := f.eval(d.val, at)
		for _, s := range rest {
			v = f.step(v, s)
		}
		return v, !slices.Contains(d.path, "[]")
	}
	// An element read at an unknown index may be any of the stored ones.
	if mayBePrefix(p.path, d.path) {
		v := f.eval(d.val, at)
		for _, s := range p.path[len(d.path):] {
			v = f.step(v, s)
		}
		return t.Union(v), false
	}
	return nil, false
}

// mayBePrefix is hasPrefix where an unknown index may be any.
func mayBePrefix(path, prefix []string) bool {
	if len(path) < len(prefix) || len(prefix) == 0 {
		return false
	}
	for i, s := range prefix {
		if s != path[i] && !(isIndex(s) && isIndex(path[i]) && (s == "[]" || path[i] == "[]")) {
			return false
		}
	}
	return true
}

// isIndex tells "[]" and "[3]" from field names and from a map's constant keys, which
// may be any text.
func isIndex(s string) bool {
	if len(s) < 2 || s[0] != '[' || s[len(s)-1] != ']' {
		return false
	}
	return strings.Trim(s[1:len(s)-1], "0123456789") == ""
}

func (f *function) step(v *value.Value, s string) *value.Value {
	if isIndex(s) {
		t := f.engine.Table
		if v.Kind == value.List {
			if n, err := strconv.Atoi(s[1 : len(s)-1]); err == nil && n < len(v.Args) {
				return v.Args[n]
			}
		}
		return t.Elem(v)
	}
	return f.engine.Table.Field(v, s)
}

// initial is what the place holds before the function changes it.
func (f *function) initial(p place, at ssa.Instruction) *value.Value {
	t := f.engine.Table
	var v *value.Value
	switch x := p.root.(type) {
	case *ssa.Alloc:
		if _, isStruct := deref(x.Type()).Underlying().(*types.Struct); isStruct && isPointerTo(x) && len(p.path) == 0 {
			return t.Struct(typeName(x.Type()), nil, nil, nil) // &T{} is not nil
		}
		return t.Nil()
	case *ssa.MakeMap, *ssa.MakeSlice:
		return t.Nil()
	case *ssa.Parameter:
		v = f.parameter(x)
	case *ssa.FreeVar:
		v = f.freeValue(x)
	case *ssa.Global:
		v = f.globalValue(x)
	default:
		v = f.base(x, at)
	}
	for _, s := range p.path {
		v = f.step(v, s)
	}
	return v
}
