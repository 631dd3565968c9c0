package engine

import (
	"go/types"

	"golang.org/x/tools/go/ssa"
)

// relevant keeps the functions that can matter: those that reach a modelled call, a
// function with a fact, a message or a call beyond the module, and those that these
// call for their values. The others stay unknown to their callers.
func (e *Engine) relevant(order []*function) []*function {
	callees := map[*function][]*function{}
	reaches := map[*function]bool{}
	for _, f := range order {
		reaches[f] = e.handlers[f] != nil
		for _, p := range f.ssa.Params {
			reaches[f] = reaches[f] || e.isCarrier(element(p.Type()))
		}
		for _, b := range f.ssa.Blocks {
			for _, in := range b.Instrs {
				for _, op := range in.Operands(nil) {
					if g, ok := (*op).(*ssa.Function); ok {
						if own := e.resolveBound(g); own != nil {
							callees[f] = append(callees[f], own)
						}
					}
				}
				reaches[f] = reaches[f] || e.matters(in)
			}
		}
	}
	for again := true; again; {
		again = false
		for _, f := range order {
			for _, c := range callees[f] {
				if reaches[c] && !reaches[f] {
					reaches[f], again = true, true
				}
			}
		}
	}
	// What a relevant function calls, and the constructors and setters of the types
	// whose methods are relevant, give it values.
	want := map[*function]bool{}
	owners := map[string]bool{}
	var need func(*function)
	need = func(f *function) {
		if want[f] {
			return
		}
		want[f] = true
		if recv := f.ssa.Signature.Recv(); recv != nil {
			owners[typeName(recv.Type())] = true
		}
		for _, c := range callees[f] {
			need(c)
		}
		if p := e.byFunc[f.ssa.Parent()]; p != nil {
			need(p)
		}
	}
	for _, f := range order {
		if reaches[f] {
			need(f)
		}
	}
	for _, f := range order {
		if f.ssa.Name() == "init" || f.small() || makes(f, owners) {
			need(f)
		}
	}
	var list []*function
	for _, f := range order {
		if want[f] {
			list = append(list, f)
		}
	}
	return list
}

// small reports whether a function is one of those that name, convert and reckon: it
// costs little and importers may call it.
func (f *function) small() bool { return f.visible() && len(f.ssa.Blocks) <= 6 }

// makes reports whether a function returns a type, or stores into its fields.
func makes(f *function, owners map[string]bool) bool {
	res := f.ssa.Signature.Results()
	for i := range res.Len() {
		if owners[typeName(res.At(i).Type())] || types.IsInterface(res.At(i).Type()) && !isError(res.At(i).Type()) && !isContext(res.At(i).Type()) {
			return true
		}
	}
	for _, b := range f.ssa.Blocks {
		for _, in := range b.Instrs {
			if st, ok := in.(*ssa.Store); ok {
				if fa, ok := st.Addr.(*ssa.FieldAddr); ok && owners[typeName(fa.X.Type())] {
					return true
				}
			}
		}
	}
	return false
}

// matters reports whether an instruction reaches beyond the function's own values.
func (e *Engine) matters(in ssa.Instruction) bool {
	switch x := in.(type) {
	case *ssa.UnOp:
		return x.Op.String() == "<-" && e.isCarrier(element(x.X.Type()))
	case *ssa.Send:
		return e.isCarrier(x.X.Type())
	case ssa.CallInstruction:
		common := x.Common()
		if common.IsInvoke() {
			return e.modelOf(common.Method) != nil || !standard(common.Method.Pkg()) && fails(common.Signature())
		}
		callee := common.StaticCallee()
		if callee == nil {
			_, builtin := common.Value.(*ssa.Builtin)
			return !builtin && (fails(common.Signature()) || e.typed(common) != nil)
		}
		name := modelName(callee)
		if m := e.Index.Call(name); m != nil {
			return true
		}
		return e.foreign[nameOf(callee)] != nil || e.foreign[name] != nil || outside(name, callee.Signature)
	}
	return false
}

// fails reports whether a signature's last result is an error: work behind an
// interface or a function value that takes no context can still be work.
func fails(sig *types.Signature) bool {
	n := sig.Results().Len()
	return n > 0 && isError(sig.Results().At(n-1).Type())
}
