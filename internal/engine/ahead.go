package engine

import (
	"slices"
	"strings"

	"golang.org/x/tools/go/ssa"

	"github.com/idemlint/idemlint/internal/summary"
	"github.com/idemlint/idemlint/internal/value"
	"github.com/idemlint/idemlint/models"
)

// startElsewhere notes a goroutine that works on the message: until it is waited for,
// its work is not done. Where it fails without a word, that is a way too.
func (w *flow) startElsewhere(x ssa.CallInstruction, s *site, states []state) []state {
	if s.settles || !w.f.worksOnMessage(s) {
		return states
	}
	swallows := slices.ContainsFunc(s.outcomes, func(o summary.Outcome) bool { return o.Swallowed })
	var out stateSet
	for _, st := range states {
		if st.custody != summary.Held {
			out.add(st)
			continue
		}
		st.ahead = x
		out.add(st)
		if swallows {
			out.add(w.worsen(st, x, false))
		}
	}
	return out.list
}

// worksOnMessage reports whether a call makes an effect of something of a message.
func (f *function) worksOnMessage(s *site) bool {
	for i := range s.effects {
		x := &s.effects[i]
		switch x.Role {
		case models.Write, models.Create, models.Append, models.Send, models.External, models.Stage:
		case models.Handle:
			if f.ofMessage(x.Slots[summary.Message]) {
				return true
			}
		case summary.Dynamic, summary.Opaque:
			if !f.givesMessage(s) || x.Looping {
				continue // asked again and again: it watches
			}
		default:
			continue
		}
		for _, slot := range [...]summary.Slot{summary.Key, summary.Content, summary.Verb, summary.Args} {
			if f.ofMessage(x.Slots[slot]) {
				return true
			}
		}
	}
	return false
}

// ofMessage reports whether a value is made of a message, or of what the function was
// given.
func (f *function) ofMessage(v *value.Value) bool {
	return v != nil && value.Exists(v, func(x *value.Value) bool {
		switch x.Kind {
		case value.Received, value.Message:
			return true
		case value.Param:
			return f.engine.IsCarrier(strings.TrimPrefix(x.Text, "*")) || !f.root && x.Index > 0 && x.Text != "context.Context" && !strings.HasPrefix(x.Text, "*")
		}
		return false
	})
}

// handOff notes that something of the message was put into a channel before any work
// was done: somebody else does the work.
func (w *flow) handOff(x *ssa.Send, states []state) []state {
	if !w.f.ofMessage(w.f.eval(x.X, x)) || isError(x.X.Type()) || isBool(x.X.Type()) {
		return states
	}
	for i := range states {
		if st := &states[i]; (st.custody == summary.Held || st.custody == summary.Handed) && !st.worked {
			st.ahead = x
		}
	}
	return states
}

// joined are ways after something was waited for.
func joined(states []state) []state {
	for i := range states {
		states[i].ahead = nil
	}
	return states
}

// awaitsFailure reports whether the work that a way started elsewhere can end with an
// error.
func (w *flow) awaitsFailure(st state) bool {
	at, ok := st.ahead.(ssa.CallInstruction)
	if !ok {
		return false
	}
	return slices.ContainsFunc(w.f.site(at).outcomes, func(o summary.Outcome) bool {
		return o.Raises
	})
}

// waitsFor reports whether a call may wait for goroutines.
func waitsFor(s *site) bool {
	for i := range s.effects {
		if x := &s.effects[i]; x.Role == models.Wait && !strings.HasPrefix(x.Func, "time.") {
			return true
		}
	}
	name := s.in.Common().Value.Name()
	if m := s.in.Common().Method; m != nil {
		name = m.Name()
	}
	for _, p := range [...]string{"Wait", "Join", "Drain", "Flush", "Close", "Stop", "Collect"} {
		if strings.Contains(name, p) {
			return true
		}
	}
	return false
}

// settledAhead notes a settle before work that was started elsewhere has ended.
func (w *flow) settledAhead(in ssa.Instruction, s *site, st *state) {
	if st.ahead == nil || st.vague || w.ahead[in] != nil || st.custody != summary.Held && st.custody != summary.Handed {
		return
	}
	if slices.ContainsFunc(s.effects, func(x summary.Effect) bool { return x.Role == models.Settle }) {
		w.ahead[in] = st.ahead
	}
}

// fallible reports whether the last result of a call is an error.
func fallible(s *site) bool {
	res := s.in.Common().Signature().Results()
	return res.Len() > 0 && isError(res.At(res.Len()-1).Type())
}

// keepsMessage reports whether an edge carries a message over into the next turn of a
// loop: it is settled later.
func (w *flow) keepsMessage(to *ssa.BasicBlock, index int) bool {
	if w.f.loops.byHeader[to] == nil || index < 0 || !w.f.loops.byHeader[to].blocks[to.Preds[index]] {
		return false
	}
	for _, in := range to.Instrs {
		phi, ok := in.(*ssa.Phi)
		if !ok {
			return false
		}
		if _, none := phi.Edges[index].(*ssa.Const); !none && phi.Edges[index] != phi && w.f.engine.isCarrier(phi.Type()) {
			return true
		}
	}
	return false
}
