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
)

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
