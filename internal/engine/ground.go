package engine

import (
	"go/types"
	"hash/fnv"
	"slices"
	"strings"

	"github.com/idemlint/idemlint/internal/summary"
	"github.com/idemlint/idemlint/internal/value"
)

// ground replaces what a value still leaves open by what the package is seen to
// put there: fields, package variables, and the implementations of interfaces.
func (e *Engine) ground(v *value.Value) *value.Value {
	if v == nil {
		return nil
	}
	for range 4 {
		n := e.Table.Rewrite(v, e.grounded, func(_, is *value.Value) *value.Value {
			switch is.Kind {
			case value.Field:
				if owner := e.ownerOf(is.Args[0]); owner != "" {
					if held, ok := e.fields[owner+"."+is.Text]; ok {
						return held
					}
					if held, ok := e.assumed[owner+"."+is.Text]; ok && held.Kind != value.Global {
						return held
					}
				}
			case value.Global:
				if held, ok := e.fields[is.Text]; ok && held != is {
					return held
				}
			case value.Apply:
				return e.rowKey(is)
			case value.Dyn:
				if r := e.Resolve(is); r != is {
					return r
				}
				if impl := e.implemented(is.Args[0], is.Text); impl != nil {
					return e.Resolve(e.Table.Node(value.Dyn, is.Index, is.Inst, is.Text, append([]*value.Value{impl}, is.Args[1:]...)...))
				}
			}
			return nil
		})
		if n == v {
			break
		}
		v = n
	}
	return v
}

// ownerOf is the type of the struct behind a value, where it is known.
func (e *Engine) ownerOf(v *value.Value) string {
	switch v.Kind {
	case value.Param, value.Free, value.Boxed:
		return strings.TrimPrefix(v.Text, "*")
	case value.Field:
		// The declared type of a field, where it is a concrete one.
		owner := e.lookupType(e.ownerOf(v.Args[0]))
		if owner == nil {
			return ""
		}
		s, ok := owner.Underlying().(*types.Struct)
		if !ok {
			return ""
		}
		for i := range s.NumFields() {
			if f := s.Field(i); f.Name() == v.Text && !types.IsInterface(f.Type()) {
				return typeName(f.Type())
			}
		}
	}
	return ""
}

// implemented is the callee boxed in every concrete type in reach that implements
// the interface of the method, or nil.
func (e *Engine) implemented(callee *value.Value, method string) *value.Value {
	if method == "" || callee.Kind == value.Boxed {
		return nil
	}
	types := e.implementations(method)
	if len(types) == 0 {
		return nil
	}
	parts := make([]*value.Value, len(types))
	for i, t := range types {
		parts[i] = e.Table.Assumed(t, callee)
	}
	return e.Table.Union(parts...)
}

// implementations lists the concrete types of this package and of the packages it
// imports that have facts, which implement the method's interface.
func (e *Engine) implementations(method string) []string {
	name := strings.TrimPrefix(method, "(")
	i := strings.LastIndex(name, ").")
	if i < 0 {
		return nil
	}
	name = name[:i]
	if list, ok := e.impls[name]; ok {
		return list
	}
	e.impls[name] = nil
	named := e.lookupType(name)
	if named == nil || named.TypeParams().Len() > 0 {
		return nil
	}
	iface, ok := named.Underlying().(*types.Interface)
	if !ok || iface.NumMethods() == 0 {
		return nil
	}
	packages := []*types.Package{e.Pass.Pkg}
	for _, path := range sortedKeys(e.Imported) {
		if p := e.packageByPath(path); p != nil {
			packages = append(packages, p)
		}
	}
	var list []string
	for _, p := range packages {
		for _, n := range p.Scope().Names() {
			tn, ok := p.Scope().Lookup(n).(*types.TypeName)
			if !ok || tn.IsAlias() || e.inTest(tn) {
				continue
			}
			t, ok := tn.Type().(*types.Named)
			if !ok || types.IsInterface(t) || t.TypeParams().Len() > 0 {
				continue
			}
			if types.Implements(t, iface) || types.Implements(types.NewPointer(t), iface) {
				list = append(list, "*"+typeName(t))
			}
		}
	}
	slices.Sort(list)
	e.impls[name] = list
	return list
}

func (e *Engine) inTest(obj types.Object) bool {
	return strings.HasSuffix(e.Pass.Fset.Position(obj.Pos()).Filename, "_test.go")
}

// groundEffects resolves what effects leave open, as far as the package knows.
func (e *Engine) groundEffects(effects []summary.Effect) []summary.Effect {
	var out []summary.Effect
	for _, x := range effects {
		x.Map(e.ground)
		out = append(out, e.groundEffect(x, 0)...)
	}
	return out
}

func (e *Engine) groundEffect(x summary.Effect, depth int) []summary.Effect {
	if x.Role != summary.Dynamic || depth > 3 {
		return []summary.Effect{x}
	}
	if impl := e.implemented(x.Slots[summary.Callee], x.Func); impl != nil {
		x.Slots[summary.Callee] = impl
	}
	list := e.Expand(x)
	if len(list) == 1 && list[0].Role == summary.Dynamic && list[0].Pos == x.Pos {
		return list
	}
	var out []summary.Effect
	for _, y := range list {
		y.Map(e.ground)
		out = append(out, e.groundEffect(y, depth+1)...)
	}
	return out
}

// mark is what tells effects apart across packages.
func mark(x *summary.Effect) uint64 {
	h := fnv.New64a()
	h.Write([]byte(x.Pos.String() + x.Func))
	return h.Sum64()
}
