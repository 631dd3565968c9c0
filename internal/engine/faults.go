package engine

import (
	"go/token"
	"slices"
	"strings"

	"golang.org/x/tools/go/ssa"

	"github.com/idemlint/idemlint/internal/summary"
	"github.com/idemlint/idemlint/internal/value"
	"github.com/idemlint/idemlint/models"
)

// fault is work that failed on a way, and that nothing made good yet.
type fault struct {
	// at is the call that failed, or that swallowed the failure.
	at ssa.CallInstruction
	// arm is the block that only failures reach, nil until the error was looked at.
	arm *ssa.BasicBlock
	// slight: a read or a clean-up, which counts only where no work was done beside it.
	slight bool
}

// maxFaults bounds the failures that a way remembers.
const maxFaults = 2

// fails reports whether the failure of a call is a failure of the work, and whether a
// slight one.
func (f *function) fails(s *site) (counts, slight bool) {
	slight = true
	if of := f.answers(s); of != nil {
		s = of
	}
	for i := range s.effects {
		x := &s.effects[i]
		switch x.Role {
		case models.Write, models.Create, models.Append, models.Send, models.Stage, models.Handle:
			counts, slight = true, false
		case models.External:
			counts = true
			if verb := Verb(x.Slots[summary.Verb]); verb != "GET" && verb != "HEAD" {
				slight = false
			}
		case summary.Dynamic, summary.Opaque:
			if (remote(s.in.Common().Signature()) || isHandlerCall(s.in.Common())) && f.givesMessage(s) {
				counts, slight = true, false
			}
		case models.Read, models.List, models.Remove:
			counts = true
		case models.Settle, models.Nack, models.DeadLetter, models.Receive:
			// It fails with the settle, not with the work.
			return false, false
		}
	}
	if counts && bestEffort(s.in.Common()) {
		return false, false
	}
	return counts, slight
}

// isHandlerCall reports whether a call that takes no context is a handler's all the same:
// an error is all that it returns, and it is a function value, or a method that is called
// as handlers are.
func isHandlerCall(c *ssa.CallCommon) bool {
	res := c.Signature().Results()
	if res.Len() != 1 || !isError(res.At(0).Type()) {
		return false
	}
	if !c.IsInvoke() {
		return c.StaticCallee() == nil
	}
	for _, p := range [...]string{"Handle", "Process", "Consume", "Execute", "Perform", "Work", "On"} {
		if strings.HasPrefix(c.Method.Name(), p) {
			return true
		}
	}
	return false
}

// outcomesOfHeld are the ways in which a call through an interface ends, where the
// package is seen to put implementations into the field that it is called on.
func (f *function) outcomesOfHeld(s *site, method string) []summary.Outcome {
	e := f.engine
	callee, depth := s.args[0], 0
	for method == "" && callee.Kind == value.Elem {
		callee, depth = callee.Args[0], depth+1 // a table of functions
	}
	if callee.Kind != value.Field || method == "" && depth == 0 {
		return nil
	}
	owner := e.ownerOf(callee.Args[0])
	if owner == "" {
		return nil
	}
	f.usesFields = true
	held := e.fields[owner+"."+callee.Text]
	if held == nil {
		held = e.assumed[owner+"."+callee.Text]
	}
	if held == nil {
		return nil
	}
	for range depth {
		held = e.Table.Elem(held)
	}
	if method == "" && held.Kind == value.Elem && held.Args[0].Kind == value.Struct {
		held = e.Table.Union(held.Args[0].Args...) // a map's entries, by their constant keys
	}
	var list []summary.Outcome
	for _, t := range e.targets(held, method, s.args[1:]) {
		if t.sum == nil || len(t.sum.Outcomes) == 0 {
			return nil
		}
		list = append(list, t.sum.Outcomes...)
	}
	return list
}

// givesMessage reports whether a call is given something of a message.
func (f *function) givesMessage(s *site) bool {
	for _, a := range s.args {
		if value.Exists(a, func(v *value.Value) bool {
			switch v.Kind {
			case value.Received, value.Message:
				return true
			case value.Param:
				return !f.root && v.Index > 0 && v.Text != "context.Context" || f.engine.IsCarrier(strings.TrimPrefix(v.Text, "*"))
			}
			return false
		}) {
			return true
		}
	}
	return false
}

// bestEffort reports whether a call's name says that its failure does not matter.
func bestEffort(c *ssa.CallCommon) bool {
	name := ""
	switch {
	case c.IsInvoke():
		name = c.Method.FullName()
	case c.StaticCallee() != nil:
		name = nameOf(c.StaticCallee())
	}
	if i := strings.LastIndexByte(name, '/'); i >= 0 {
		name = name[i+1:]
	}
	name = strings.ToLower(name)
	for _, w := range [...]string{"metric", "telemetry", "trace", "progress", "cache", "warm", "cleanup", "stats", "heartbeat", "ping", "besteffort", "log", "touch", "hint", "announce", "tidy", "purge"} {
		if strings.Contains(name, w) {
			return true
		}
	}
	return false
}

// worsen is a way on which the call failed, or swallowed a failure of its own.
func (w *flow) worsen(s state, at ssa.CallInstruction, slight bool) state {
	if _, deferred := at.(*ssa.Defer); deferred && (!w.writesMessage(at) || w.calledToo(at)) || w.kept(at) || w.saysMore(at) {
		return s
	}
	for _, x := range s.faults {
		if x.at == at {
			return s
		}
	}
	if len(s.faults) < maxFaults {
		s.faults = append(slices.Clip(s.faults), fault{at: at, slight: slight})
	}
	return s
}

// calledToo reports whether what is deferred is called in its place, too: closed for the
// ways that fail, and closed again where it counts.
func (w *flow) calledToo(at ssa.CallInstruction) bool {
	name := calleeName(at.Common())
	if name == "" || len(at.Common().Args) == 0 {
		return false
	}
	for _, b := range w.f.ssa.Blocks {
		for _, in := range b.Instrs {
			if c, ok := in.(*ssa.Call); ok && calleeName(&c.Call) == name && len(c.Call.Args) > 0 && c.Call.Args[0] == at.Common().Args[0] {
				return true
			}
		}
	}
	return false
}

// writesMessage reports whether a call puts something of the message into a store:
// deferred, it is no clean-up.
func (w *flow) writesMessage(at ssa.CallInstruction) bool {
	return slices.ContainsFunc(w.f.site(at).effects, func(x summary.Effect) bool {
		return works(x.Role) && w.f.ofMessage(x.Slots[summary.Content])
	})
}

// saysMore reports whether a call that could not be looked into has results beside its
// error that decide ways: they may tell of the failure too.
func (w *flow) saysMore(at ssa.CallInstruction) bool {
	v, ok := at.(ssa.Value)
	if !ok || len(w.f.site(at).outcomes) > 0 {
		return false
	}
	for i := range at.Common().Signature().Results().Len() - 1 {
		if _, decides := w.ids[cell{v, i}]; decides {
			return true
		}
	}
	return false
}

// mended is a way on which a call succeeded: a retry of what had failed, or work that
// only failures lead to (a poison queue, a record of the failure).
func (w *flow) mended(s state, at ssa.CallInstruction, worked bool) state {
	if len(s.faults) == 0 {
		return s
	}
	s.faults = slices.DeleteFunc(slices.Clone(s.faults), func(x fault) bool {
		switch {
		case x.at == at:
			return w.repeats(at)
		case !worked:
			return false
		}
		return x.slight || x.arm != nil && x.arm.Dominates(at.Block())
	})
	return s
}

// repeats reports whether a call in a loop does the same at each turn, so that a later
// success makes an earlier failure good.
func (w *flow) repeats(at ssa.CallInstruction) bool {
	l := w.f.loops.inner[at.Block()]
	if l == nil {
		return true
	}
	for _, a := range at.Common().Args {
		if isContext(a.Type()) {
			continue
		}
		if in, ok := a.(ssa.Instruction); ok && l.blocks[in.Block()] && varies(in, l, 0) {
			return false
		}
	}
	return true
}

// varies reports whether a value made in a loop depends on what the loop goes over.
func varies(in ssa.Instruction, l *loop, depth int) bool {
	switch x := in.(type) {
	case *ssa.Phi:
		return x.Block() == l.header
	case *ssa.Next:
		return true
	}
	if depth > 8 {
		return true
	}
	for _, op := range in.Operands(nil) {
		if *op == nil || isContext((*op).Type()) {
			continue
		}
		if o, ok := (*op).(ssa.Instruction); ok && l.blocks[o.Block()] && varies(o, l, depth+1) {
			return true
		}
	}
	return false
}

// examined notes the arm that a test of an error leads to; where the arm keeps the
// failure in mind (a list, a count, a flag) or shrugs at it, it is not followed.
func (w *flow) examined(s state, test *ssa.If, taken int) state {
	if len(s.faults) == 0 {
		return s
	}
	to, other := test.Block().Succs[taken], test.Block().Succs[1-taken]
	var list []fault
	for _, x := range s.faults {
		if x.arm == nil && w.tests(test.Cond, x.at) {
			if w.failed(x.at, &s) {
				if alone(to) && (w.remembers(to) || w.shrugs(to)) || alone(other) && w.gathers(other) {
					continue
				}
			} else if alone(other) && w.shrugs(other) {
				continue
			}
			if alone(to) {
				x.arm = to
			}
		}
		list = append(list, x)
	}
	if w.countsDeliveries(test.Cond) {
		list = nil // given up on purpose
	}
	s.faults = list
	return s
}

// alone reports whether only one condition leads to the block.
func alone(b *ssa.BasicBlock) bool { return len(b.Preds) == 1 }

// failed reports whether the way knows that the call failed.
func (w *flow) failed(at ssa.CallInstruction, s *state) bool {
	v, ok := at.(ssa.Value)
	if !ok {
		return false
	}
	n := at.Common().Signature().Results().Len()
	id, ok := w.ids[cell{v, max(n-1, 0)}]
	return ok && s.know(id) == summary.Present
}

// tests reports whether a condition looks at the error of the call.
func (w *flow) tests(cond ssa.Value, at ssa.CallInstruction) bool {
	switch x := cond.(type) {
	case *ssa.BinOp:
		return w.stems(x.X, at, 0) || w.stems(x.Y, at, 0)
	case *ssa.UnOp:
		return w.tests(x.X, at)
	}
	return w.stems(cond, at, 0)
}

// stems reports whether a value is a result of the call, by way of variables.
func (w *flow) stems(v ssa.Value, at ssa.CallInstruction, depth int) bool {
	if depth > 6 {
		return false
	}
	switch x := v.(type) {
	case *ssa.Extract:
		return x.Tuple == at.Value()
	case *ssa.Call:
		return ssa.CallInstruction(x) == at
	case *ssa.Phi:
		return slices.ContainsFunc(x.Edges, func(e ssa.Value) bool { return w.stems(e, at, depth+1) })
	case *ssa.UnOp:
		if a, ok := x.X.(*ssa.Alloc); ok && x.Op == token.MUL {
			return slices.ContainsFunc(*a.Referrers(), func(in ssa.Instruction) bool {
				st, ok := in.(*ssa.Store)
				return ok && st.Addr == a && w.stems(st.Val, at, depth+1)
			})
		}
	}
	return false
}

// countsDeliveries reports whether a condition looks at how often the message came.
func (w *flow) countsDeliveries(cond ssa.Value) bool {
	in, ok := cond.(ssa.Instruction)
	if !ok {
		return false
	}
	if w.asksRetries(cond) {
		return true
	}
	return value.Exists(w.f.eval(cond, in), func(v *value.Value) bool {
		return v.Kind == value.Field && w.f.engine.countFields()[v.Text]
	})
}

// asksRetries reports whether a condition compares what such a function told.
func (w *flow) asksRetries(cond ssa.Value) bool {
	x, ok := cond.(*ssa.BinOp)
	if !ok {
		return false
	}
	return slices.ContainsFunc([]ssa.Value{x.X, x.Y}, func(v ssa.Value) bool {
		if ex, ok := v.(*ssa.Extract); ok {
			v = ex.Tuple
		}
		c, ok := v.(*ssa.Call)
		return ok && countsRetries(calleeName(&c.Call))
	})
}

// countsRetries recognises functions that tell how often a message came.
func countsRetries(name string) bool {
	for _, w := range [...]string{"RetryCount", "DeliveryCount", "ReceiveCount", "DequeueCount", "NumDelivered", "DeliveryAttempt"} {
		if strings.HasSuffix(name, w) {
			return true
		}
	}
	return false
}

// returnsCancellation recognises "return ctx.Err()".
func returnsCancellation(x *ssa.Return) bool {
	if len(x.Results) == 0 {
		return false
	}
	c, ok := x.Results[len(x.Results)-1].(*ssa.Call)
	return ok && (c.Call.IsInvoke() && c.Call.Method.FullName() == "(context.Context).Err" || calleeName(&c.Call) == "context.Cause")
}

// swallowed reports whether a way out hides from the caller that work failed.
func (s *state) swallowed() bool {
	if s.vague {
		return false
	}
	return s.lost() != nil
}

// settledFailed notes a settle on a way where work had failed.
func (w *flow) settledFailed(in ssa.CallInstruction, s *site, st *state) {
	if st.vague || w.failures[in] != nil || !settlesAlone(s) {
		return
	}
	if bad := st.lost(); bad != nil {
		w.failures[in] = bad
	}
}

// settlesAlone reports whether a call settles without working on the way there: what
// works first may put the message aside.
func settlesAlone(s *site) bool {
	settles := false
	for i := range s.effects {
		switch s.effects[i].Role {
		case models.Settle:
			settles = true
		case models.Write, models.Create, models.Append, models.Send, models.External, models.Handle, models.DeadLetter, models.Nack, summary.Dynamic, summary.Opaque:
			return false
		}
	}
	return settles
}

// settleOf is the instance of the settle that a call makes, 0 where it is not known.
func (f *function) settleOf(at ssa.CallInstruction) uint64 {
	if at == nil {
		return 0
	}
	for _, x := range f.site(at).effects {
		if x.Role == models.Settle {
			return x.Inst
		}
	}
	return 0
}

// fault names the effect that failed before a settle: its instance.
func (f *function) fault(at ssa.CallInstruction) (inst uint64, pos summary.Pos) {
	s := f.site(at)
	if of := f.answers(s); of != nil {
		s = of
	}
	for _, x := range s.effects {
		switch x.Role {
		case models.Settle, models.Renew, models.Wait, models.Receive:
			continue
		}
		return x.Inst, f.engine.Pos(at.Pos())
	}
	return 0, f.engine.Pos(at.Pos())
}
