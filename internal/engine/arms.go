package engine

import (
	"go/token"
	"slices"
	"strings"

	"golang.org/x/tools/go/ssa"
)

// remembers reports whether what an arm leads to alone keeps in mind that something
// failed: it stores, sends or counts.
func (w *flow) remembers(arm *ssa.BasicBlock) bool {
	for _, b := range w.f.ssa.Blocks {
		if !arm.Dominates(b) {
			continue
		}
		for _, in := range b.Instrs {
			switch x := in.(type) {
			case *ssa.MapUpdate, *ssa.Send:
				return true
			case *ssa.Store:
				if !isVararg(x.Addr) && !w.tracked(x.Addr) {
					return true
				}
			case *ssa.BinOp:
				if x.Op == token.ADD && !w.turns(x) && leavesArm(x, arm) {
					return true
				}
			case *ssa.Call:
				if b, ok := x.Call.Value.(*ssa.Builtin); ok && b.Name() == "append" {
					return true
				}
			}
		}
	}
	return false
}

// shrugs reports whether an arm tells of the failure at the lowest level only: whoever
// wrote it does not mind.
func (w *flow) shrugs(arm *ssa.BasicBlock) bool {
	for _, in := range arm.Instrs {
		c, ok := in.(*ssa.Call)
		if !ok {
			continue
		}
		name := calledName(&c.Call)
		if strings.HasPrefix(name, "Debug") || strings.HasPrefix(name, "Trace") {
			return true
		}
	}
	return false
}

// gathers reports whether what an arm leads to alone collects what succeeded.
func (w *flow) gathers(arm *ssa.BasicBlock) bool {
	for _, b := range w.f.ssa.Blocks {
		if !arm.Dominates(b) {
			continue
		}
		for _, in := range b.Instrs {
			switch x := in.(type) {
			case *ssa.MapUpdate, *ssa.Send:
				return true
			case *ssa.Call:
				if b, ok := x.Call.Value.(*ssa.Builtin); ok && b.Name() == "append" && w.f.engine.isCarrier(element(x.Type())) {
					return true
				}
			}
		}
	}
	return false
}

// tracked reports whether the way knows what the variable holds.
func (w *flow) tracked(addr ssa.Value) bool {
	a, ok := addr.(*ssa.Alloc)
	if !ok {
		return false
	}
	_, known := w.ids[cell{a, 0}]
	return known || !a.Heap
}

// turns reports whether a sum is the counter of a loop, which decides when it ends.
func (w *flow) turns(x *ssa.BinOp) bool {
	phi, ok := x.X.(*ssa.Phi)
	if !ok {
		return false
	}
	l := w.f.loops.byHeader[phi.Block()]
	if l == nil {
		return false
	}
	for _, r := range append(slices.Clone(*x.Referrers()), *phi.Referrers()...) {
		c, ok := r.(*ssa.BinOp)
		if !ok || !l.blocks[c.Block()] {
			continue
		}
		if cond, ok := c.Block().Instrs[len(c.Block().Instrs)-1].(*ssa.If); ok && cond.Cond == c && !(l.blocks[c.Block().Succs[0]] && l.blocks[c.Block().Succs[1]]) {
			return true
		}
	}
	return false
}

func isVararg(addr ssa.Value) bool {
	ia, ok := addr.(*ssa.IndexAddr)
	if !ok {
		return false
	}
	a, ok := ia.X.(*ssa.Alloc)
	return ok && (a.Comment == "varargs" || a.Comment == "slicelit")
}

// leavesArm reports whether a value is used behind the arm.
func leavesArm(v ssa.Value, arm *ssa.BasicBlock) bool {
	return slices.ContainsFunc(*v.Referrers(), func(in ssa.Instruction) bool {
		phi, ok := in.(*ssa.Phi)
		return ok && !(phi.Block() != arm && arm.Dominates(phi.Block()))
	})
}

// stemsFromText reports whether a text is the call's error in words: err.Error().
func (w *flow) stemsFromText(text ssa.Value, at ssa.CallInstruction) bool {
	c, ok := text.(*ssa.Call)
	return ok && c.Call.IsInvoke() && c.Call.Method.Name() == "Error" && isError(c.Call.Value.Type()) && w.stems(c.Call.Value, at, 0)
}

// singledOut is a way on which an error was told apart from others by a predicate.
func (w *flow) singledOut(s state, x *ssa.Call) state {
	if len(s.faults) == 0 || tells(&x.Call) {
		return s
	}
	s.faults = slices.DeleteFunc(slices.Clone(s.faults), func(g fault) bool {
		return slices.ContainsFunc(x.Call.Args, func(a ssa.Value) bool {
			return isError(a.Type()) && w.stems(a, g.at, 0) || w.stemsFromText(a, g.at)
		})
	})
	return s
}
