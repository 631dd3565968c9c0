package engine

import (
	"slices"
	"strings"

	"golang.org/x/tools/go/ssa"

	"github.com/idemlint/idemlint/internal/summary"
	"github.com/idemlint/idemlint/models"
)

// call splits each way by the outcomes of a call.
func (w *flow) call(x *ssa.Call, states []state) []state {
	s := w.f.site(x)
	if s.spawns {
		return w.spawn(x, states)
	}
	w.mark(x, states)
	if endsProcess(&x.Call) {
		return nil
	}
	if w.collectsReceipt(x) && w.inMessages(x.Block()) {
		return w.collect(x, states)
	}
	collects := false
	if of := w.f.answers(s); of != nil && of.model.Async {
		states = joined(states)
	}
	if s.model != nil && s.model.Async {
		for i := range states {
			if st := &states[i]; st.custody == summary.Held {
				st.ahead = x
			}
		}
	}
	if waitsFor(s) {
		collects = fallible(s) && slices.ContainsFunc(states, w.awaitsFailure)
		states = joined(states)
	}
	if w.f.handsOver(s) || complains(&x.Call) {
		for i := range states {
			states[i].released = true
		}
	}
	return w.apply(x, s, w.outcomes(s), states, collects)
}

// endsProcess recognises calls that never return: log.Fatal and its kin, os.Exit.
func endsProcess(c *ssa.CallCommon) bool {
	switch calleeName(c) {
	case "os.Exit", "runtime.Goexit":
		return true
	}
	switch calledName(c) {
	case "Fatal", "Fatalf", "Fatalln", "Fatalw":
		return c.Signature().Results().Len() == 0
	}
	return false
}

// complains reports whether a call logs an error: whoever leaves the message after
// that means to leave it.
func complains(c *ssa.CallCommon) bool {
	switch calledName(c) {
	case "Error", "Errorf", "Errorw", "Errorln", "ErrorContext", "Errorc":
		return c.Signature().Results().Len() == 0
	}
	return false
}

// outcomes are the ways in which a call may end.
func (w *flow) outcomes(s *site) []summary.Outcome {
	if len(s.outcomes) > 0 {
		return s.outcomes
	}
	res := s.in.Common().Signature().Results()
	n := res.Len()
	results := func(is summary.Known) []summary.Known {
		r := make([]summary.Known, n)
		if n > 0 {
			r[n-1] = is
		}
		return r
	}
	good := summary.Outcome{Custody: summary.Held, Results: results(summary.Either)}
	fails := n > 0 && isError(res.At(n-1).Type())
	if fails {
		good.Results = results(summary.Absent)
	}
	bad := summary.Outcome{Custody: summary.Held, Results: results(summary.Present)}
	if fails && makesError(s.in.Common()) {
		return []summary.Outcome{bad}
	}
	if s.model != nil {
		good, bad = modelOutcome(s.model, good), modelFailure(s.model, bad)
	} else if slices.ContainsFunc(s.effects, func(e summary.Effect) bool { return e.Role == summary.Dynamic }) && fails && w.takesContext(s) {
		good.Worked = true
	}
	if !fails {
		return []summary.Outcome{good}
	}
	return []summary.Outcome{good, bad}
}

// modelOutcomes are the ways in which a modelled call with n results may end.
func modelOutcomes(m *models.Call, n int) []summary.Outcome {
	good := summary.Outcome{Custody: summary.Held, Results: make([]summary.Known, n)}
	bad := summary.Outcome{Custody: summary.Held, Results: make([]summary.Known, n), Failed: true}
	good.Results[n-1], bad.Results[n-1] = summary.Absent, summary.Present
	return []summary.Outcome{modelOutcome(m, good), modelFailure(m, bad)}
}

func modelOutcome(m *models.Call, o summary.Outcome) summary.Outcome {
	switch m.Role {
	case models.Settle, models.DeadLetter:
		o.Custody = summary.Settled
	case models.Nack:
		o.Custody, o.Released = summary.Settled, true
	case models.Renew:
		o.Released = true
	case models.Write, models.Create, models.Append, models.Remove, models.Send, models.External, models.Handle:
		o.Worked = true
	}
	return o
}

func modelFailure(m *models.Call, o summary.Outcome) summary.Outcome {
	switch m.Role {
	case models.Receive:
		o.Custody = summary.None
	case models.Settle, models.DeadLetter:
		o.Custody = summary.Settled
	case models.Nack:
		o.Custody, o.Released = summary.Settled, true
	case models.Renew:
		o.Released = true
	}
	return o
}

// takesContext: a call through an interface that takes a context and can fail is
// taken for work.
func (w *flow) takesContext(s *site) bool {
	sig := s.in.Common().Signature()
	return sig.Params().Len() > 0 && isContext(sig.Params().At(0).Type())
}

// calledName is the name of the function or method alone, "" for a function value.
func calledName(c *ssa.CallCommon) string {
	if c.IsInvoke() {
		return c.Method.Name()
	}
	if f := c.StaticCallee(); f != nil {
		return f.Name()
	}
	return ""
}

func calleeName(c *ssa.CallCommon) string {
	if f := c.StaticCallee(); f != nil {
		return modelName(f)
	}
	return ""
}

// receives reports whether the call opens a window in this function.
func (s *site) receives() bool {
	return slices.ContainsFunc(s.effects, func(e summary.Effect) bool {
		return e.Role == models.Receive && (e.Escapes || len(e.Chain) == 0)
	})
}

// apply splits each way by the outcomes of a call; one that collects fails where the
// goroutines did that it waits for.
func (w *flow) apply(in ssa.Instruction, s *site, outcomes []summary.Outcome, states []state, collects bool) []state {
	receives := w.root && s.receives()
	var at summary.Pos
	for _, e := range s.effects {
		if works(e.Role) {
			at = w.f.engine.Pos(in.Pos())
		}
	}
	v, _ := in.(ssa.Value)
	call, _ := in.(ssa.CallInstruction)
	counts, slight := w.f.fails(s)
	if collects {
		counts, slight = true, false
	}
	var out stateSet
	for _, st := range states {
		if receives && st.custody == summary.Held {
			w.leaves = append(w.leaves, leave{state: st, pos: st.last})
		}
		wrapped := w.wrapped(s, &st)
		for _, o := range outcomes {
			if w.excludes(in, o, &st) || wrapped != summary.Either && len(o.Results) == 1 && o.Results[0] != wrapped {
				continue
			}
			n := st
			if receives {
				n = state{custody: o.Custody, facts: st.facts}
				if o.Custody != summary.None && len(o.Results) > 0 && o.Results[len(o.Results)-1] == summary.Present {
					n.custody = summary.None
				}
			} else if o.Custody != summary.Held {
				if o.Custody == summary.Settled {
					w.settledAhead(in, s, &n)
				}
				if n.custody == summary.Held {
					if o.Custody == summary.Settled && !o.Released {
						w.settledFailed(call, s, &n)
					}
					n.custody = o.Custody
					n.settled = call
				}
			}
			if !receives {
				switch bad := len(o.Results) > 0 && o.Results[len(o.Results)-1] == summary.Present && fallible(s); {
				case counts && (o.Swallowed || bad && n.custody == summary.Held):
					n = w.worsen(n, call, slight)
				case !bad:
					n = w.mended(n, call, o.Worked)
					if counts && !slight && unread(call) {
						n = w.worsen(n, call, slight) // it was answered, with whatever status
					}
				}
				if o.Ahead {
					n.ahead = in
				}
				n.worked = n.worked || o.Worked
				n.failed = n.failed || o.Failed
				n.already = n.already || o.Already
				n.released = n.released || o.Released
				if o.Blame.Valid() {
					n.blame = o.Blame
				}
				if at.Valid() && o.Worked {
					n.last = at
				}
			}
			if v != nil {
				for i, r := range o.Results {
					if id, ok := w.ids[cell{v, i}]; ok {
						n = n.learn(id, r)
					}
				}
				if s.model != nil || !s.known {
					// Results that the outcome does not name are new.
					for i := len(o.Results); i < 4; i++ {
						if id, ok := w.ids[cell{v, i}]; ok {
							n = n.learn(id, summary.Either)
						}
					}
				}
			}
			out.add(n)
		}
	}
	if len(outcomes) == 0 && s.known && s.model == nil && s.results == nil && len(s.effects) == 0 {
		return states
	}
	return out.list
}

// excludes reports whether the way knows that a variable, captured by the function
// literal that is called, does not hold what the outcome asks for.
func (w *flow) excludes(in ssa.Instruction, o summary.Outcome, st *state) bool {
	call, ok := in.(ssa.CallInstruction)
	if !ok || len(o.When) == 0 {
		return false
	}
	mc := closureOf(call.Common().Value)
	if mc == nil {
		return false
	}
	for _, c := range o.When {
		if c.Free >= len(mc.Bindings) {
			continue
		}
		if k := w.known(mc.Bindings[c.Free], st); (k == summary.Present || k == summary.Absent) && k != c.Is {
			return true
		}
	}
	return false
}

func works(r models.Role) bool {
	switch r {
	case models.Write, models.Create, models.Append, models.Remove, models.Send, models.External, models.Handle, summary.Dynamic:
		return true
	}
	return false
}

// spawn is a goroutine: where it settles, the message is its own from here on.
func (w *flow) spawn(x ssa.CallInstruction, states []state) []state {
	w.mark(x, states)
	s := w.f.site(x)
	states = w.startElsewhere(x, s, states)
	if !s.settles && !w.f.handsOver(s) {
		return states
	}
	for i := range states {
		if states[i].custody == summary.Held {
			states[i].custody = summary.Handed
		}
	}
	if s.settles && (w.root || len(states) > 0) {
		for _, o := range s.outcomes {
			if o.Custody == summary.Held && (o.Worked || o.Already) && !o.Failed && !o.Released && anyHeld(states) {
				w.leaves = append(w.leaves, leave{
					state: state{custody: summary.Held, worked: o.Worked, already: o.Already, blame: orPos(o.Blame, o.Exit)},
					pos:   orPos(o.Blame, o.Exit),
				})
			}
		}
	}
	return states
}

func anyHeld(states []state) bool {
	return slices.ContainsFunc(states, func(s state) bool { return s.custody == summary.Held || s.custody == summary.Handed })
}

func orPos(a, b summary.Pos) summary.Pos {
	if a.Valid() {
		return a
	}
	return b
}

// runDefers runs what was deferred, last first.
func (w *flow) runDefers(b *ssa.BasicBlock, states []state) []state {
	for i := len(w.defers) - 1; i >= 0; i-- {
		d := w.defers[i]
		if !reaches(d.Block(), b) {
			continue
		}
		w.mark(d, states)
		s := w.f.site(d)
		if w.f.handsOver(s) {
			for j := range states {
				states[j].released = true
			}
		}
		after := w.apply(d, s, w.outcomes(s), slices.Clone(states), false)
		if !d.Block().Dominates(b) {
			after = append(after, states...)
		}
		states = after
	}
	return states
}

func reaches(from, to *ssa.BasicBlock) bool { return reachesWithout(from, to, nil) }

// handsOver reports whether a call that cannot be looked into gets the message
// itself, so that it may settle it.
func (f *function) handsOver(s *site) bool {
	common := s.in.Common()
	unknown := !s.known
	if !unknown {
		return false
	}
	if name := calleeName(common); name != "" && (readOnly(name) || !strings.Contains(name, ".")) {
		return false
	}
	for _, a := range common.Args {
		if f.engine.isCarrier(a.Type()) || f.engine.isCarrier(element(a.Type())) && !isFunc(a.Type()) {
			return true
		}
	}
	return false
}
