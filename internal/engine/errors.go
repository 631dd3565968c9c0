package engine

import (
	"go/types"
	"slices"
	"strings"

	"golang.org/x/tools/go/ssa"

	"github.com/idemlint/idemlint/internal/summary"
	"github.com/idemlint/idemlint/models"
)

// saysTransient reports whether a predicate asks for errors that pass: whoever goes on
// although it says no has told the others apart.
func saysTransient(c *ssa.CallCommon) bool {
	name := calledName(c)
	name = strings.ToLower(name)
	return slices.ContainsFunc([]string{"transient", "retry", "retri", "temporary", "timeout", "again", "recoverable"}, func(w string) bool {
		return strings.Contains(name, w)
	})
}

// kept reports whether the error of a call goes where the way cannot follow it: it is
// gathered, stored, or given to somebody who may act on it.
func (w *flow) kept(at ssa.CallInstruction) bool {
	if k, ok := w.keeps[at]; ok {
		return k
	}
	k := false
	if v := at.Value(); v != nil && v.Referrers() != nil {
		n := at.Common().Signature().Results().Len()
		if n == 1 {
			k = w.goesOn(v, map[ssa.Value]bool{})
		} else {
			for _, r := range *v.Referrers() {
				if ex, ok := r.(*ssa.Extract); ok && ex.Index == n-1 {
					k = k || w.goesOn(ex, map[ssa.Value]bool{})
				}
			}
		}
	}
	w.keeps[at] = k
	return k
}

func (w *flow) goesOn(v ssa.Value, seen map[ssa.Value]bool) bool {
	if seen[v] || v.Referrers() == nil {
		return false
	}
	seen[v] = true
	for _, r := range *v.Referrers() {
		switch x := r.(type) {
		case *ssa.Phi, *ssa.MakeInterface, *ssa.ChangeInterface, *ssa.ChangeType, *ssa.TypeAssert, *ssa.Extract, *ssa.Slice:
			if w.goesOn(x.(ssa.Value), seen) {
				return true
			}
		case *ssa.UnOp:
			if w.goesOn(x, seen) {
				return true
			}
		case *ssa.Store:
			switch a := x.Addr.(type) {
			case *ssa.Alloc:
				if captured(a) || w.goesOn(a, seen) {
					return true
				}
			case *ssa.IndexAddr:
				if !isVararg(a) || w.goesOn(a.X, seen) {
					return true
				}
			default:
				return true
			}
		case *ssa.MapUpdate, *ssa.Send, *ssa.MakeClosure, *ssa.Go, *ssa.Defer, *ssa.Select:
			return true
		case *ssa.Call:
			if w.actsOn(x, seen) {
				return true
			}
		}
	}
	return false
}

// captured reports whether a variable is shared with a function literal.
func captured(a *ssa.Alloc) bool {
	return slices.ContainsFunc(*a.Referrers(), func(in ssa.Instruction) bool {
		_, ok := in.(*ssa.MakeClosure)
		return ok
	})
}

// actsOn reports whether a call that is given an error may do more than tell of it.
func (w *flow) actsOn(c *ssa.Call, seen map[ssa.Value]bool) bool {
	if b, ok := c.Call.Value.(*ssa.Builtin); ok {
		return b.Name() == "append"
	}
	if tells(&c.Call) {
		return false
	}
	name := calleeName(&c.Call)
	if makesError(&c.Call) || name == "errors.Is" || name == "errors.As" || name == "errors.Unwrap" || strings.HasPrefix(name, "github.com/pkg/errors.") {
		return w.goesOn(c, seen)
	}
	s := w.f.site(c)
	if s.model != nil && s.model.Role == models.Condition {
		return false
	}
	res := c.Call.Signature().Results()
	return res.Len() != 1 || !isBool(res.At(0).Type())
}

// tells reports whether a call only tells people of an error: it logs, records or
// counts it.
func tells(c *ssa.CallCommon) bool {
	name, pkg := "", ""
	if c.IsInvoke() {
		name = c.Method.Name()
	} else if f := c.StaticCallee(); f != nil {
		name, pkg = f.Name(), modelName(f)
	}
	if strings.HasPrefix(pkg, "log.") || strings.HasPrefix(pkg, "(*log.") || strings.HasPrefix(pkg, "log/slog.") || strings.HasPrefix(pkg, "(*log/slog.") || strings.HasPrefix(pkg, "fmt.") && pkg != "fmt.Errorf" {
		return true
	}
	if name == "Error" && c.Signature().Params().Len() == 0 {
		return true
	}
	for _, p := range [...]string{"Error", "Warn", "Info", "Debug", "Trace", "Print", "Log", "log", "Record", "Capture", "SetStatus", "With", "Err", "Any", "Notice", "Panic"} {
		if strings.HasPrefix(name, p) {
			return true
		}
	}
	return false
}

// makesError recognises constructors of errors, whose result is never nil: errors.New,
// status.Errorf, NewTransientError. What is given an error may wrap it, and then returns
// nil for nil.
func makesError(c *ssa.CallCommon) bool {
	callee := c.StaticCallee()
	if callee == nil || callee.Signature.Recv() != nil || !errorOnly(c.Signature()) {
		return false
	}
	name := callee.Name()
	switch calleeName(c) {
	case "errors.New", "fmt.Errorf":
		return true
	}
	if len(callee.Blocks) > 0 || givenError(c) != nil {
		return false
	}
	return strings.HasPrefix(name, "New") || strings.HasPrefix(name, "Error") || strings.HasSuffix(name, "Error") || strings.HasSuffix(name, "Errorf")
}

// errorOnly reports whether an error is all that a signature returns, and a context is
// nothing that it takes: it makes an error, or wraps one.
func errorOnly(sig *types.Signature) bool {
	if sig.Results().Len() != 1 || !isError(sig.Results().At(0).Type()) {
		return false
	}
	for i := range sig.Params().Len() {
		if isContext(sig.Params().At(i).Type()) {
			return false
		}
	}
	return true
}

// givenError is the error that a call is given, or nil.
func givenError(c *ssa.CallCommon) ssa.Value {
	for _, a := range c.Args {
		if isError(a.Type()) {
			return a
		}
	}
	return nil
}

// wrapped is what a way knows of the result of a call that makes one error of another
// (errors.Wrap(err, "…")): it is nil where that is nil.
func (w *flow) wrapped(s *site, st *state) summary.Known {
	common := s.in.Common()
	if common.IsInvoke() || common.StaticCallee() == nil || !errorOnly(common.Signature()) || len(s.effects) > 0 {
		return summary.Either
	}
	given := givenError(common)
	if given == nil {
		return summary.Either
	}
	if k := w.known(given, st); k == summary.Present || k == summary.Absent {
		return k
	}
	return summary.Either
}
