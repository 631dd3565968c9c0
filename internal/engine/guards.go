package engine

import (
	"go/token"
	"slices"
	"strings"

	"golang.org/x/tools/go/ssa"

	"github.com/idemlint/idemlint/internal/summary"
	"github.com/idemlint/idemlint/internal/value"
)

// guards are the conditions that a block hangs on, nearest last.
func (f *function) guards(b *ssa.BasicBlock) []*value.Value {
	var list []*value.Value
	for d := b.Idom(); d != nil && len(list) < 12; d = d.Idom() {
		if l := f.loops.byHeader[d]; l != nil && !l.blocks[b] {
			list = append(list, f.survived(l, b)...)
		}
		cond, ok := d.Instrs[len(d.Instrs)-1].(*ssa.If)
		if !ok {
			continue
		}
		through, around := reachesWithout(d.Succs[0], b, d), reachesWithout(d.Succs[1], b, d)
		if through == around {
			continue
		}
		if v := f.condition(cond, around); v != nil {
			list = append(list, v)
		}
	}
	slices.Reverse(list)
	return list
}

// hangOn puts an effect behind more conditions, those nearest to it last.
func (e *Engine) hangOn(x *summary.Effect, guards []*value.Value) {
	if len(guards) == 0 {
		return
	}
	all := guards
	if g := x.Slots[summary.Guards]; g != nil {
		all = append(slices.Clone(guards), g.Args...)
	}
	if len(all) > 24 {
		all = all[len(all)-24:]
	}
	x.Slots[summary.Guards] = e.Table.List(all...)
}

// opPerhaps is a condition that what an effect writes may hang on, though the effect
// itself does not: "if it is not in the list yet, add it".
const opPerhaps = "perhaps"

// perhaps are the conditions under which the function adds something to what becomes
// the content, as far as they look into a store, beside those that are known.
func (f *function) perhaps(content *value.Value, known []*value.Value) []*value.Value {
	var list []*value.Value
	if content == nil {
		return nil
	}
	for _, b := range f.ssa.Blocks {
		if !f.addsTo(content, b) {
			continue
		}
		for _, g := range f.guards(b) {
			p := f.engine.Table.Apply(opPerhaps, g)
			if fromStore(g) && !slices.Contains(known, g) && !slices.Contains(list, p) && len(list) < 6 {
				list = append(list, p)
			}
		}
	}
	return list
}

// opGuarded is what a function appended, with the conditions that it hangs on.
const opGuarded = "guarded"

// guarded is a value that leaves the function, each list that the function appended to
// with the conditions for that: its callers do not see them.
func (f *function) guarded(v *value.Value) *value.Value {
	if v == nil || !v.Has(value.Apply) {
		return v
	}
	for _, b := range f.ssa.Blocks {
		for _, in := range b.Instrs {
			call, ok := in.(*ssa.Call)
			if !ok || !isSum(in) {
				continue
			}
			sum := f.eval(call, in)
			if !value.Exists(v, func(x *value.Value) bool { return x == sum }) {
				continue
			}
			if list := f.lookups(b); len(list) > 0 {
				v = f.engine.Table.Rewrite(v, map[*value.Value]*value.Value{}, func(was, is *value.Value) *value.Value {
					if was != sum {
						return nil
					}
					return f.engine.Table.Apply(opGuarded, append([]*value.Value{is}, list...)...)
				})
			}
		}
	}
	return v
}

// lookups are the conditions that a block hangs on that look into a store, or may do so
// once the caller is known.
func (f *function) lookups(b *ssa.BasicBlock) []*value.Value {
	return slices.DeleteFunc(f.guards(b), func(g *value.Value) bool {
		return !fromStore(g) && !g.Has(value.Param) && !g.Has(value.Free)
	})
}

// addsTo reports whether what a block appends or adds is a part of the content.
func (f *function) addsTo(content *value.Value, b *ssa.BasicBlock) bool {
	return slices.ContainsFunc(b.Instrs, func(in ssa.Instruction) bool {
		sum, ok := in.(ssa.Value)
		if !ok || !isSum(in) {
			return false
		}
		v := f.eval(sum, in)
		return value.Exists(content, func(x *value.Value) bool { return x == v })
	})
}

// isSum recognises append, + and -.
func isSum(in ssa.Instruction) bool {
	switch x := in.(type) {
	case *ssa.Call:
		c, ok := x.Call.Value.(*ssa.Builtin)
		return ok && c.Name() == "append"
	case *ssa.BinOp:
		return x.Op == token.ADD || x.Op == token.SUB
	}
	return false
}

// condition is what a block behind the arm of an if statement knows, nil where that
// says nothing of stores and messages.
func (f *function) condition(cond *ssa.If, not bool) *value.Value {
	v := f.eval(cond.Cond, cond)
	if turns(v) {
		return nil
	}
	if not {
		v = f.engine.Table.Apply("!", v)
	}
	if fromStore(v) || v.Has(value.Param) || v.Has(value.Free) || v.Has(value.Dyn) || v.Has(value.Received) || ofModelled(v) {
		return v
	}
	return nil
}

// ofModelled reports whether a condition looks at the error of a modelled call.
func ofModelled(v *value.Value) bool {
	return value.Exists(v, func(x *value.Value) bool { return x.Kind == value.Apply && strings.HasPrefix(x.Text, "error of ") })
}

// turns recognises the condition of a loop that counts: "there is one more".
func turns(v *value.Value) bool {
	return v.Kind == value.Apply && len(v.Args) == 2 && value.Exists(v.Args[0], func(x *value.Value) bool {
		return x.Kind == value.Apply && x.Text == opCounts
	})
}

// survived are the conditions that no turn of a loop met, where meeting one leaves for
// good: a search whose success ends the work.
func (f *function) survived(l *loop, b *ssa.BasicBlock) []*value.Value {
	var list []*value.Value
	for _, d := range f.ssa.Blocks {
		if !l.blocks[d] || d == l.header {
			continue
		}
		cond, ok := d.Instrs[len(d.Instrs)-1].(*ssa.If)
		if !ok {
			continue
		}
		through, around := reachesWithout(d.Succs[0], b, d), reachesWithout(d.Succs[1], b, d)
		if through == around {
			continue
		}
		if v := f.condition(cond, around); v != nil && len(list) < 4 {
			list = append(list, v)
		}
	}
	return list
}

func reachesWithout(from, to, without *ssa.BasicBlock) bool {
	seen := map[*ssa.BasicBlock]bool{without: true}
	work := []*ssa.BasicBlock{from}
	for len(work) > 0 {
		b := work[len(work)-1]
		work = work[:len(work)-1]
		if b == to {
			return true
		}
		if !seen[b] {
			seen[b] = true
			work = append(work, b.Succs...)
		}
	}
	return false
}

// opDecided is true or false by what its operands decided: "found = true", "return
// false".
const opDecided = "decided"

// isSentinel reports whether v is an error that is a package variable: which one is
// returned tells what was decided.
func (e *Engine) isSentinel(v ssa.Value) bool {
	u, ok := v.(*ssa.UnOp)
	if !ok || !isError(v.Type()) {
		return false
	}
	g, ok := u.X.(*ssa.Global)
	return ok && e.sentinel(g)
}

// isVerdict reports whether v is the constant true or false.
func isVerdict(v ssa.Value) bool {
	c, ok := v.(*ssa.Const)
	return ok && c.Value != nil && isBool(c.Type())
}

// verdict is a constant that was chosen by conditions.
func (f *function) verdict(conditions []*value.Value, constant *value.Value) *value.Value {
	if len(conditions) == 0 {
		return constant
	}
	if len(conditions) > 4 {
		conditions = conditions[len(conditions)-4:]
	}
	return f.engine.Table.Apply(opDecided, conditions...)
}

// chosen are the conditions under which an edge is taken.
func (f *function) chosen(from, to *ssa.BasicBlock) []*value.Value {
	list := f.guards(from)
	if cond, ok := from.Instrs[len(from.Instrs)-1].(*ssa.If); ok && from.Succs[0] != from.Succs[1] {
		if v := f.condition(cond, from.Succs[1] == to); v != nil {
			list = append(list, v)
		}
	}
	return list
}
