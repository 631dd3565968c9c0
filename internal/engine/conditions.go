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
			if truth {
				n = w.singledOut(n, x)
			}
			return n, ok
		}
		if truth || saysTransient(&x.Call) {
			s = w.singledOut(s, x)
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
			s = w.asked(cond, want, s)
			s.chosen = s.chosen || w.f.eval(cond, in).Kind == value.Free
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

// asked notes what a captured variable holds on a way.
func (w *flow) asked(cond ssa.Value, is summary.Known, s state) state {
	u, ok := cond.(*ssa.UnOp)
	if !ok || u.Op != token.MUL || !isBool(u.Type()) {
		return s
	}
	for i, v := range w.f.ssa.FreeVars {
		if v == u.X && len(s.when) < 3 {
			s.when = append(slices.Clip(s.when), summary.Captured{Free: i, Is: is})
		}
	}
	return s
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
