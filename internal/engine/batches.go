package engine

import (
	"slices"

	"golang.org/x/tools/go/ssa"

	"github.com/idemlint/idemlint/internal/summary"
	"github.com/idemlint/idemlint/internal/value"
	"github.com/idemlint/idemlint/models"
)

// Batches: messages that are gathered and settled together, and handlers that are given
// many at once.

// collectsReceipt reports whether a call appends a message, or its receipt, to a list in a loop
// over messages: what is in the list is settled later, all at once.
func (w *flow) collectsReceipt(in ssa.Instruction) bool {
	call, ok := in.(*ssa.Call)
	if !ok {
		return false
	}
	if b, ok := call.Call.Value.(*ssa.Builtin); !ok || b.Name() != "append" || len(call.Call.Args) < 2 {
		return false
	}
	e := w.f.engine
	return value.Exists(w.f.eval(call.Call.Args[1], call), func(v *value.Value) bool { return e.isReceipt(v) })
}

// collect puts the message of each way into the list; where work failed on it, the settle
// of the list settles it all the same.
func (w *flow) collect(at ssa.Instruction, states []state) []state {
	for i := range states {
		st := &states[i]
		if st.custody != summary.Held {
			continue
		}
		if bad := st.lost(); bad != nil {
			for _, c := range w.settlesAfter(at) {
				if w.failures[c] == nil {
					w.failures[c] = bad
				}
			}
		}
		st.custody = summary.Handed
	}
	return states
}

// inMessages reports whether a block stands in a loop that works on messages.
func (w *flow) inMessages(b *ssa.BasicBlock) bool {
	for l := w.f.loops.inner[b]; l != nil; l = l.parent {
		if w.msgLoops[l] && w.f.worksIn(l) {
			return true
		}
	}
	return false
}

// settlesAfter are the settles that a place leads to.
func (w *flow) settlesAfter(at ssa.Instruction) []ssa.CallInstruction {
	var list []ssa.CallInstruction
	for _, b := range w.f.ssa.Blocks {
		if !reaches(at.Block(), b) {
			continue
		}
		for _, in := range b.Instrs {
			if c, ok := in.(ssa.CallInstruction); ok && settlesAlone(w.f.site(c)) {
				list = append(list, c)
			}
		}
	}
	return list
}

// rest is where a handler of an event that brings many messages leaves some of them
// untouched though the return settles all: it returns out of the loop over them, or looks
// at none but the first.
func (f *function) rest(l leave) (at summary.Pos, ok bool) {
	m := f.returned()
	if m == nil || m.Records == "" || l.at == nil {
		return summary.Pos{}, false
	}
	if len(l.at.Results) > 1 && f.ofMessage(f.eval(l.at.Results[0], l.at)) {
		return summary.Pos{}, false // it names those that it leaves
	}
	first, loops := summary.Pos{}, false
	for _, b := range f.ssa.Blocks {
		for _, in := range b.Instrs {
			x, ok := in.(*ssa.IndexAddr)
			if !ok || !f.isRecords(x, m) {
				continue
			}
			if _, fixed := x.Index.(*ssa.Const); fixed {
				first = f.engine.Pos(x.Pos())
				continue
			}
			loops = true
			over := f.loops.inner[b]
			for over != nil && over.parent != nil && !opensRange(over, x) {
				over = over.parent
			}
			if over == nil || !f.worksIn(over) {
				continue
			}
			// Out of the middle: not by the loop's own test.
			if b.Dominates(l.at.Block()) {
				return f.engine.Pos(x.Pos()), true
			}
		}
	}
	if !loops && first.Valid() && l.state.worked {
		return first, true
	}
	return summary.Pos{}, false
}

// opensRange reports whether the loop counts the index.
func opensRange(l *loop, x *ssa.IndexAddr) bool {
	in, ok := x.Index.(ssa.Instruction)
	return ok && in.Block() == l.header
}

// isRecords reports whether the address is that of one of the event's messages.
func (f *function) isRecords(x *ssa.IndexAddr, m *models.Message) bool {
	v := f.eval(x.X, x)
	return v.Kind == value.Field && v.Text == m.Records && v.Args[0].Kind == value.Param
}

// worksIn reports whether something is done in the loop.
func (f *function) worksIn(l *loop) bool {
	for b := range l.blocks {
		for _, in := range b.Instrs {
			if c, ok := in.(ssa.CallInstruction); ok && slices.ContainsFunc(f.site(c).effects, func(x summary.Effect) bool { return works(x.Role) }) {
				return true
			}
		}
	}
	return false
}
