package engine

import (
	"strings"

	"golang.org/x/tools/go/ssa"

	"github.com/idemlint/idemlint/internal/summary"
	"github.com/idemlint/idemlint/internal/value"
	"github.com/idemlint/idemlint/models"
)

// Returned is the Func of the settle that a handler makes by returning without an error.
const Returned = "return"

// settlesByReturn reports whether the function is a handler whose result settles the
// message: it is given one of a kind that is settled so, can fail, and settles nothing
// itself.
func (f *function) settlesByReturn() bool {
	return f.returned() != nil && f.errorResult() && !f.flowSettles()
}

// returned is the model of the message that the function settles by what it returns.
func (f *function) returned() *models.Message {
	if h := f.engine.handlers[f]; h != nil {
		return &models.Message{Returned: true, System: h.entry.System}
	}
	for _, p := range f.ssa.Params {
		if m := f.engine.Index.Message(typeName(p.Type())); m != nil && m.Returned && p != f.receiver() {
			return m
		}
	}
	return nil
}

// returns are the settles that a handler makes by returning: one for each place where it
// can return without an error.
func (f *function) returns() []summary.Effect {
	if !f.settlesByReturn() {
		return nil
	}
	var list []summary.Effect
	at := map[summary.Pos]int{}
	for _, l := range f.flow.leaves {
		if !l.returns || l.state.custody != summary.Held || l.results[len(l.results)-1] == summary.Present {
			continue
		}
		i, known := at[l.pos]
		if !known {
			i = len(list)
			at[l.pos] = i
			x := summary.Effect{Role: models.Settle, Func: Returned, Inst: f.engine.instanceOf(l.pos.String() + Returned), Pos: l.pos, Held: true}
			x.Slots[summary.Message] = f.given().Slots[summary.Message]
			list = append(list, x)
		}
		x := &list[i]
		if l.state.ahead != nil && !l.state.vague && !x.AheadAt.Valid() {
			x.AheadAt = f.engine.Pos(l.state.ahead.Pos())
		}
		if rest, ok := f.rest(l); ok && !x.RestAt.Valid() {
			x.RestAt = rest
		}
		if bad := l.state.lost(); bad != nil && !x.FailedAt.Valid() {
			x.Failed, x.FailedAt = f.fault(bad)
		}
	}
	return list
}

// lost is the work that failed on a way and that nobody will do again, or nil.
func (s *state) lost() ssa.CallInstruction {
	if s.vague {
		return nil
	}
	for _, x := range s.faults {
		if !x.slight || !s.worked && !s.already {
			return x.at
		}
	}
	return nil
}

// left notes, where a way leaves a message behind on which work failed and takes another
// one, the settle in the same loop that settles whatever came before it, too.
func (w *flow) left(l *loop, s state) {
	bad := s.lost()
	if s.custody != summary.Held || bad == nil || l == nil {
		return
	}
	for b := range l.blocks {
		for _, in := range b.Instrs {
			c, ok := in.(ssa.CallInstruction)
			if !ok || w.failures[c] != nil {
				continue
			}
			for _, x := range w.f.site(c).effects {
				if m := w.f.engine.Index.Call(x.Func); m != nil && m.Cumulative {
					w.failures[c] = bad
				}
			}
		}
	}
}

// subscription is the call that registers a handler in this package, or nil.
func (f *function) subscription() *site {
	e := f.engine
	for _, g := range e.own {
		for _, s := range g.sites {
			if s.model == nil || s.model.Role != models.Subscribe || s.model.Handler == "" {
				continue
			}
			for _, t := range e.targets(s.operands(e).at(s.model.Handler), "", nil) {
				if t.name == f.name {
					return s
				}
			}
		}
	}
	return nil
}

// operands are a modelled call's.
func (s *site) operands(e *Engine) *operands {
	o := &operands{e: e, args: s.args, results: s.results}
	if common := s.in.Common(); common.IsInvoke() || common.Signature().Recv() != nil {
		o.recv, o.args = s.args[0], s.args[1:]
	}
	return o
}

// subscribed is the model of the call that a channel of messages comes from, or nil.
func (e *Engine) subscribed(ch *value.Value) *models.Call {
	var found *models.Call
	value.Walk(ch, func(v *value.Value) bool {
		if v.Kind == value.Apply && found == nil && strings.Contains(v.Text, ".") {
			if m := e.Index.Call(v.Text); m != nil && m.Role == models.Subscribe {
				found = m
			}
		}
		return found == nil
	})
	return found
}
