package engine

import (
	"strings"

	"golang.org/x/tools/go/ssa"
)

// answers is the call whose error a call asks for: that of Set in rdb.Set(…).Err(), where
// what Set returns holds the error. Nil where there is none.
func (f *function) answers(s *site) *site {
	common := s.in.Common()
	if len(s.effects) > 0 || !fallible(s) || common.Signature().Recv() == nil && !common.IsInvoke() {
		return nil
	}
	v := common.Value
	if !common.IsInvoke() {
		if len(common.Args) == 0 {
			return nil
		}
		v = common.Args[0]
	}
	for range 4 {
		switch x := v.(type) {
		case *ssa.FieldAddr:
			v = x.X
		case *ssa.UnOp:
			v = x.X
		case *ssa.Extract:
			v = x.Tuple
		case *ssa.ChangeType:
			v = x.X
		case *ssa.Call:
			of, res := f.site(x), x.Call.Signature().Results()
			if of.model == nil || len(of.effects) == 0 || res.Len() > 0 && isError(res.At(res.Len()-1).Type()) {
				return nil
			}
			return of
		}
	}
	return nil
}

// unread reports whether nobody looks at the answer of an HTTP call, but to close it: a
// refusal passes for success.
func unread(at ssa.CallInstruction) bool {
	v := at.Value()
	if v == nil || at.Common().Signature().Results().Len() != 2 || typeName(at.Common().Signature().Results().At(0).Type()) != "net/http.Response" {
		return false
	}
	if callee := at.Common().StaticCallee(); callee == nil || callee.Pkg == nil || callee.Pkg.Pkg.Path() != "net/http" {
		return false
	}
	for _, r := range *v.Referrers() {
		ex, ok := r.(*ssa.Extract)
		if !ok || ex.Index != 0 {
			continue
		}
		for _, use := range *ex.Referrers() {
			fa, ok := use.(*ssa.FieldAddr)
			if !ok || fieldName(fa.X.Type(), fa.Field) != "Body" || !onlyClosed(fa) {
				return false
			}
		}
	}
	return true
}

// onlyClosed reports whether what is at the address is closed, and nothing else.
func onlyClosed(addr *ssa.FieldAddr) bool {
	for _, r := range *addr.Referrers() {
		load, ok := r.(*ssa.UnOp)
		if !ok {
			return false
		}
		for _, use := range *load.Referrers() {
			if ci, ok := use.(*ssa.ChangeInterface); ok && discarded(ci) {
				continue
			}
			c, ok := use.(ssa.CallInstruction)
			if !ok || !c.Common().IsInvoke() || c.Common().Value != load || c.Common().Method.Name() != "Close" {
				return false
			}
		}
	}
	return true
}

// discarded reports whether a reader is only read to its end: io.Copy(io.Discard, r).
func discarded(r *ssa.ChangeInterface) bool {
	for _, use := range *r.Referrers() {
		c, ok := use.(*ssa.Call)
		if !ok || !strings.HasPrefix(calleeName(&c.Call), "io.Copy") {
			return false
		}
		to, ok := c.Call.Args[0].(*ssa.UnOp)
		if !ok {
			return false
		}
		if g, ok := to.X.(*ssa.Global); !ok || g.String() != "io.Discard" {
			return false
		}
	}
	return true
}
