package engine

import (
	"go/types"

	"github.com/idemlint/idemlint/models"
)

// modelOf is the model of an interface's method: its own, or that of the SDK's
// method that the interface repeats, as code that wants to be tested does. The
// signature must be the same and name a type of the SDK, so that nothing else can
// be meant.
func (e *Engine) modelOf(m *types.Func) *models.Call {
	if c := e.Index.Call(m.Origin().FullName()); c != nil {
		return c
	}
	if c, ok := e.alike[m]; ok {
		return c
	}
	e.alike[m] = nil
	sig := m.Signature()
	for _, tuple := range [...]*types.Tuple{sig.Params(), sig.Results()} {
		for i := range tuple.Len() {
			p := packageOf(tuple.At(i).Type())
			if p == nil || !e.Index.Opens(p.Path()) {
				continue
			}
			if c := e.methodLike(p, m); c != nil {
				e.alike[m] = c
				return c
			}
		}
	}
	return nil
}

func packageOf(t types.Type) *types.Package {
	t = deref(element(deref(t)))
	if a, ok := t.(*types.Alias); ok {
		return a.Obj().Pkg()
	}
	if n, ok := t.(*types.Named); ok {
		return n.Obj().Pkg()
	}
	return nil
}

// methodLike finds the package's modelled method of the same name and signature.
func (e *Engine) methodLike(p *types.Package, m *types.Func) *models.Call {
	for _, n := range p.Scope().Names() {
		tn, ok := p.Scope().Lookup(n).(*types.TypeName)
		if !ok || types.IsInterface(tn.Type()) {
			continue
		}
		obj, _, _ := types.LookupFieldOrMethod(types.NewPointer(tn.Type()), true, p, m.Name())
		fn, ok := obj.(*types.Func)
		if !ok || !types.Identical(fn.Signature(), m.Signature()) {
			continue
		}
		if c := e.Index.Call(fn.Origin().FullName()); c != nil {
			return c
		}
	}
	return nil
}
