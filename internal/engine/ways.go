package engine

import (
	"go/constant"
	"go/token"
	"go/types"
	"slices"
	"strings"

	"golang.org/x/tools/go/ssa"

	"github.com/idemlint/idemlint/internal/summary"
	"github.com/idemlint/idemlint/internal/value"
	"github.com/idemlint/idemlint/models"
)

// call splits each way by the outcomes of a call.
func (w *flow) call(x *ssa.Call, states []state) []state {
	s := w.f.site(x)
	if s.spawns {
		return w.spawn(x, states)
	}
	w.mark(x, states)
	if w.f.handsOver(s) || complains(&x.Call) {
		for i := range states {
			states[i].released = true
		}
	}
	return w.apply(x, s, w.outcomes(s), states)
}

// complains reports whether a call logs an error: whoever leaves the message after
// that means to leave it.
func complains(c *ssa.CallCommon) bool {
	name := ""
	if c.IsInvoke() {
		name = c.Method.Name()
	} else if f := c.StaticCallee(); f != nil {
		name = f.Name()
	}
	switch name {
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
	if name := calleeName(s.in.Common()); fails && makesError(name) {
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
	case models.Write, models.Create, models.Append, models.Remove, models.Send, models.External:
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

func calleeName(c *ssa.CallCommon) string {
	if f := c.StaticCallee(); f != nil {
		return modelName(f)
	}
	return ""
}

// makesError are constructors of errors, whose result is never nil.
func makesError(name string) bool {
	switch name {
	case "errors.New", "fmt.Errorf":
		return true
	}
	return strings.HasPrefix(name, "github.com/pkg/errors.") && !strings.HasPrefix(name, "github.com/pkg/errors.W")
}

// receives reports whether the call opens a window in this function.
func (s *site) receives() bool {
	return slices.ContainsFunc(s.effects, func(e summary.Effect) bool {
		return e.Role == models.Receive && (e.Escapes || len(e.Chain) == 0)
	})
}

func (w *flow) apply(in ssa.Instruction, s *site, outcomes []summary.Outcome, states []state) []state {
	receives := w.root && s.receives()
	var at summary.Pos
	for _, e := range s.effects {
		if works(e.Role) {
			at = w.f.engine.Pos(in.Pos())
		}
	}
	v, _ := in.(ssa.Value)
	var out stateSet
	for _, st := range states {
		if receives && st.custody == summary.Held {
			w.leaves = append(w.leaves, leave{state: st, pos: st.last})
		}
		for _, o := range outcomes {
			n := st
			if receives {
				n = state{custody: o.Custody, facts: st.facts}
				if o.Custody != summary.None && len(o.Results) > 0 && o.Results[len(o.Results)-1] == summary.Present {
					n.custody = summary.None
				}
			} else if o.Custody != summary.Held {
				if n.custody == summary.Held {
					n.custody = o.Custody
				}
			}
			if !receives {
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

func works(r models.Role) bool {
	switch r {
	case models.Write, models.Create, models.Append, models.Remove, models.Send, models.External, summary.Dynamic:
		return true
	}
	return false
}

// spawn is a goroutine: where it settles, the message is its own from here on.
func (w *flow) spawn(x ssa.CallInstruction, states []state) []state {
	w.mark(x, states)
	s := w.f.site(x)
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
		after := w.apply(d, s, w.outcomes(s), slices.Clone(states))
		if !d.Block().Dominates(b) {
			after = append(after, states...)
		}
		states = after
	}
	return states
}

func reaches(from, to *ssa.BasicBlock) bool {
	seen := map[*ssa.BasicBlock]bool{}
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

// refine follows one arm of a condition; ok is false where the way cannot take it.
func (w *flow) refine(cond ssa.Value, truth bool, s state) (state, bool) {
	switch x := cond.(type) {
	case *ssa.UnOp:
		if x.Op == token.NOT {
			return w.refine(x.X, !truth, s)
		}
	case *ssa.BinOp:
		return w.compare(x, truth, s)
	case *ssa.Call:
		if n, ok, done := w.condition(x, truth, s); done {
			return n, ok
		}
	case *ssa.Const:
		return s, (x.Value.String() == "true") == truth
	}
	want := summary.Absent
	if truth {
		want = summary.Present
	}
	switch k := w.known(cond, &s); k {
	case summary.Either:
		if in, ok := cond.(ssa.Instruction); ok {
			s.decided = s.decided || w.f.decidedByCaller(cond, in)
		} else if _, ok := cond.(*ssa.Parameter); ok {
			s.decided = true
		}
		if id, ok := w.ids[cellOf(cond)]; ok {
			s = s.learn(id, want)
		}
	case want:
	default:
		return s, false
	}
	if ex, ok := cond.(*ssa.Extract); ok {
		if recv, ok := ex.Tuple.(*ssa.UnOp); ok && recv.Op == token.ARROW && !truth && w.f.engine.isCarrier(element(recv.X.Type())) {
			s.custody = summary.None
		}
	}
	if truth && s.custody == summary.Held {
		if in, ok := cond.(ssa.Instruction); ok && finds(w.f.eval(cond, in), w.f.engine.Index) {
			s.already = true
		}
	}
	return s, true
}

// condition is a call that tests an error: errors.Is, bloberror.HasCode.
func (w *flow) condition(x *ssa.Call, truth bool, s state) (state, bool, bool) {
	site := w.f.site(x)
	if site.model == nil || site.model.Role != models.Condition {
		return s, true, false
	}
	for _, a := range x.Call.Args {
		if !isError(a.Type()) {
			continue
		}
		id, ok := w.ids[cellOf(a)]
		if !ok || !truth {
			continue
		}
		if s.know(id) == summary.Absent {
			return s, false, true
		}
		s = s.learn(id, summary.Present)
		s.failed = true
	}
	if truth && w.conflict(x) {
		s.failed, s.already = false, true
	}
	if id, ok := w.ids[cell{x, 0}]; ok {
		want := summary.Absent
		if truth {
			want = summary.Present
		}
		if k := s.know(id); k != summary.Either && k != want {
			return s, false, true
		}
		s = s.learn(id, want)
	}
	return s, true, true
}

// conflict reports whether the call tests for "already there".
func (w *flow) conflict(x *ssa.Call) bool {
	for _, a := range x.Call.Args {
		if saysExists(w.f.eval(a, x).String()) {
			return true
		}
		// errors.Is(err, errDuplicate), errors.As(err, &duplicateError).
		if u, ok := a.(*ssa.UnOp); ok {
			if g, ok := u.X.(*ssa.Global); ok && saysRepeated(g.Name()) {
				return true
			}
		}
		if mi, ok := a.(*ssa.MakeInterface); ok {
			a = mi.X
		}
		name := typeName(a.Type())
		if i := strings.LastIndexByte(name, '.'); i >= 0 && saysRepeated(name[i+1:]) && !isError(a.Type()) {
			return true
		}
	}
	return false
}

// saysRepeated reports whether the name of an error says that the work was done before.
func saysRepeated(name string) bool {
	name = strings.ToLower(name)
	for _, w := range [...]string{"duplicate", "already", "exists", "processed", "seen", "repeated", "stored", "done", "applied", "handled", "completed"} {
		if strings.Contains(name, w) && !strings.Contains(name, "not") && !strings.Contains(name, "unprocessed") {
			return true
		}
	}
	return false
}

func saysExists(text string) bool {
	return strings.Contains(text, "AlreadyExists") || strings.Contains(text, "ErrConflict")
}

func (w *flow) compare(x *ssa.BinOp, truth bool, s state) (state, bool) {
	if bad, ok := refused(x); ok && bad == truth {
		s.failed = true
	}
	if x.Op != token.EQL && x.Op != token.NEQ {
		if known, is := w.constants(x, &s); known && is != truth {
			return s, false
		}
		return w.count(x, truth, s), true
	}
	if sel, ok := w.f.cancelled(x.X); ok && (x.Op == token.EQL) == truth {
		if c, isConst := x.Y.(*ssa.Const); isConst && c.Int64() == int64(sel) {
			s.released = true
		}
	}
	equal := (x.Op == token.EQL) == truth
	a, b := x.X, x.Y
	c, ok := b.(*ssa.Const)
	if !ok {
		if c, ok = a.(*ssa.Const); !ok {
			return s, true
		}
		a = b
	}
	if isLen(a) && c.Value != nil && constant.Sign(c.Value) == 0 {
		if equal && w.f.isMessageList(a.(*ssa.Call).Call.Args[0], x) {
			s.custody = summary.None
		}
		return s, true
	}
	if c.Value == nil {
		want := summary.Present
		if equal {
			want = summary.Absent
		}
		if k := w.known(a, &s); k == summary.Present || k == summary.Absent {
			if k != want {
				return s, false
			}
		} else if id, ok := w.ids[cellOf(a)]; ok {
			s = s.learn(id, want)
		}
		switch {
		case isError(a.Type()) && !equal:
			s.failed = true
		case isError(a.Type()) && s.custody == summary.Held && w.looksUp(a):
			s.already = true
		case equal && (w.f.engine.isCarrier(a.Type()) || w.f.isMessageList(a, x) || w.f.isReceipt(a, x)):
			// There is no message, or none that could be settled.
			s.custody = summary.None
		}
		return s, true
	}
	want := w.known(c, &s)
	switch k := w.known(a, &s); {
	case strings.HasPrefix(string(k), "!"):
		if excluded := slices.Contains(strings.Split(string(k[1:]), "!"), string(want)); excluded && equal {
			return s, false
		} else if equal {
			s = s.learn(w.ids[cellOf(a)], want)
			s.decided = s.decided || w.f.decidedByCaller(a, x)
		} else if next, possible := w.exclude(a, c, s); !possible {
			return s, false
		} else {
			s = next
		}
	case k != summary.Either && (k == want) != equal:
		return s, false
	case k == summary.Either && equal:
		if id, ok := w.ids[cellOf(a)]; ok {
			s = s.learn(id, want)
		}
		s.decided = s.decided || w.f.decidedByCaller(a, x)
	case k == summary.Either && !equal:
		var possible bool
		if s, possible = w.exclude(a, c, s); !possible {
			return s, false
		}
	}
	if equal && s.custody == summary.Held && c.Value.Kind() == constant.String && saysDone(constant.StringVal(c.Value)) {
		if fromStore(w.f.eval(a, x)) {
			s.already = true
		}
	}
	if equal && (saysExists(constantText(c)) || isStatus(a) && c.Value.ExactString() == "409") {
		s.failed, s.already = false, true
	}
	return s, true
}

// isReceipt reports whether v is what a message is settled by: its receipt, or its id.
func (f *function) isReceipt(v ssa.Value, at ssa.Instruction) bool {
	x := f.eval(v, at)
	if x.Kind != value.Field {
		return false
	}
	if !f.engine.receiptFields()[x.Text] && !f.engine.identities()[x.Text] {
		return false
	}
	return value.DependsOn(x, func(s *value.Value) bool {
		return s.Kind == value.Received || s.Kind == value.Param && f.engine.IsCarrier(strings.TrimPrefix(s.Text, "*"))
	})
}

// exclude notes that a value is not the constant. A value of a type with a list of
// constants is one of them: where all are excluded, the way cannot be taken.
func (w *flow) exclude(a ssa.Value, c *ssa.Const, s state) (state, bool) {
	id, ok := w.ids[cellOf(a)]
	total := w.f.engine.constants(a.Type())
	if !ok || total < 2 {
		return s, true
	}
	out := map[string]bool{"=" + c.Value.ExactString(): true}
	if k := string(s.know(id)); strings.HasPrefix(k, "!") {
		for _, x := range strings.Split(k[1:], "!") {
			out[x] = true
		}
	}
	if len(out) >= total {
		return s, false
	}
	return s.learn(id, summary.Known("!"+strings.Join(sortedKeys(out), "!"))), true
}

// constants counts the values of a type that has a list of constants, an enumeration;
// 0 for any other type.
func (e *Engine) constants(t types.Type) int {
	n, ok := types.Unalias(t).(*types.Named)
	if !ok || n.Obj().Pkg() == nil || standard(n.Obj().Pkg()) {
		return 0
	}
	values := map[string]bool{}
	scope := n.Obj().Pkg().Scope()
	for _, name := range scope.Names() {
		if c, ok := scope.Lookup(name).(*types.Const); ok && types.Identical(c.Type(), n) {
			values[c.Val().ExactString()] = true
		}
	}
	return len(values)
}

// decidedByCaller reports whether a value is (part of) a parameter that is not the
// message: the caller chose the way, and knows why.
func (f *function) decidedByCaller(v ssa.Value, at ssa.Instruction) bool {
	x := f.eval(v, at)
	for x.Kind == value.Field {
		x = x.Args[0]
	}
	return x.Kind == value.Param && !f.engine.IsCarrier(strings.TrimPrefix(x.Text, "*")) && (x.Index > 0 || f.ssa.Signature.Recv() == nil)
}

// refused recognises the test of an HTTP status: bad is the arm on which the other
// side refused.
func refused(x *ssa.BinOp) (bad, ok bool) {
	v := x.X
	if q, isQuo := v.(*ssa.BinOp); isQuo && q.Op == token.QUO {
		v = q.X
	}
	c, isConst := x.Y.(*ssa.Const)
	if !isStatus(v) || !isConst || c.Value == nil {
		return false, false
	}
	n, _ := constant.Int64Val(constant.ToInt(c.Value))
	good := n < 300 && n >= 200 || n == 2
	switch x.Op {
	case token.GEQ, token.GTR:
		return true, true
	case token.NEQ:
		return true, good
	case token.EQL:
		return false, good
	case token.LSS, token.LEQ:
		return false, true
	}
	return false, false
}

// isStatus reports whether v is an HTTP status.
func isStatus(v ssa.Value) bool {
	u, ok := v.(*ssa.UnOp)
	if !ok {
		return false
	}
	fa, ok := u.X.(*ssa.FieldAddr)
	return ok && fieldName(fa.X.Type(), fa.Field) == "StatusCode"
}

func constantText(c *ssa.Const) string {
	if c.Value.Kind() == constant.String {
		return constant.StringVal(c.Value)
	}
	return ""
}

// looksUp reports whether the error is that of a look-up whose record is not used:
// the look-up asks only whether the record is there.
func (w *flow) looksUp(v ssa.Value) bool {
	ex, ok := v.(*ssa.Extract)
	if !ok {
		return false
	}
	c, ok := ex.Tuple.(*ssa.Call)
	if !ok || !isReadError(w.f.eval(v, ex), w.f.engine.Index) {
		return false
	}
	for _, r := range *c.Referrers() {
		if o, ok := r.(*ssa.Extract); ok && o.Index == 0 && len(*o.Referrers()) > 0 {
			return false
		}
	}
	return true
}

// count is a comparison of lengths: no messages, no window.
func (w *flow) count(x *ssa.BinOp, truth bool, s state) state {
	if !isLen(x.X) {
		return s
	}
	if !w.f.isMessageList(x.X.(*ssa.Call).Call.Args[0], x) {
		return s
	}
	if c, ok := x.Y.(*ssa.Const); ok && c.Value != nil {
		n := constant.Sign(c.Value)
		if x.Op == token.GTR && n == 0 && !truth || x.Op == token.LSS && truth || x.Op == token.GEQ && !truth || x.Op == token.LEQ && n == 0 && truth {
			s.custody = summary.None
		}
	}
	return s
}

func isLen(v ssa.Value) bool {
	c, ok := v.(*ssa.Call)
	if !ok {
		return false
	}
	b, ok := c.Call.Value.(*ssa.Builtin)
	return ok && b.Name() == "len"
}

// constants decides a comparison whose sides are both known numbers: the first turn
// of a counting loop is taken.
func (w *flow) constants(x *ssa.BinOp, s *state) (known, is bool) {
	a, b := w.number(x.X, s), w.number(x.Y, s)
	if a == nil || b == nil {
		return false, false
	}
	return true, constant.Compare(a, x.Op, b)
}

func (w *flow) number(v ssa.Value, s *state) constant.Value {
	if c, ok := v.(*ssa.Const); ok {
		if c.Value != nil && c.Value.Kind() == constant.Int {
			return c.Value
		}
		return nil
	}
	if k := string(w.known(v, s)); strings.HasPrefix(k, "=") {
		if n := constant.MakeFromLiteral(k[1:], token.INT, 0); n.Kind() == constant.Int {
			return n
		}
	}
	return nil
}

// cancelled reports which case of the select behind v is that of a cancelled context.
func (f *function) cancelled(v ssa.Value) (int, bool) {
	ex, ok := v.(*ssa.Extract)
	if !ok || ex.Index != 0 {
		return 0, false
	}
	sel, ok := ex.Tuple.(*ssa.Select)
	if !ok {
		return 0, false
	}
	for i, st := range sel.States {
		if c, ok := st.Chan.(*ssa.Call); ok && c.Call.IsInvoke() && c.Call.Method.FullName() == "(context.Context).Done" {
			return i, true
		}
	}
	return 0, false
}
