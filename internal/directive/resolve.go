package directive

import (
	"cmp"
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
	"path/filepath"
	"slices"

	"github.com/idemlint/idemlint/internal/finding"
	"github.com/idemlint/idemlint/models"
)

// resolver holds the directives on in-house code against the types of what they stand on.
type resolver struct {
	set  *Set
	pkg  *types.Package
	info *types.Info
	d    *Directive
	// said are the functions and types that have their directive already.
	said map[string]string
	// messages are the types that a directive calls messages.
	messages map[string]bool
}

// resolve makes the entries of the directives on in-house code. What does not fit is a
// Problem, and counts for nothing.
func (s *Set) resolve(pkg *types.Package, info *types.Info) {
	r := &resolver{set: s, pkg: pkg, info: info, said: map[string]string{}, messages: map[string]bool{}}
	var bad []token.Pos
	// Messages first: a method of a message settles its receiver.
	for _, messages := range [...]bool{true, false} {
		for i := range s.Directives {
			r.d = &s.Directives[i]
			if modelWords[r.d.Word] == nil || (r.d.Word == Message) != messages {
				continue
			}
			if why, at := r.entry(); why != "" {
				s.Problems = append(s.Problems, finding.Related{Pos: at, Message: prefix + r.d.Word + ": " + why})
				bad = append(bad, r.d.Pos)
			}
		}
	}
	isBad := func(d Directive) bool { return slices.Contains(bad, d.Pos) }
	s.Directives = slices.DeleteFunc(s.Directives, isBad)
	for n, list := range s.byNode {
		s.byNode[n] = slices.DeleteFunc(list, isBad)
	}
	slices.SortStableFunc(s.Problems, func(a, b finding.Related) int { return cmp.Compare(a.Pos, b.Pos) })
	slices.SortFunc(s.Calls, func(a, b models.Call) int { return cmp.Compare(a.Func, b.Func) })
	slices.SortFunc(s.Messages, func(a, b models.Message) int { return cmp.Compare(a.Type, b.Type) })
}

// entry makes the directive's entry, or says what is wrong and where.
func (r *resolver) entry() (why string, at token.Pos) {
	if r.d.Word == Message {
		return r.message()
	}
	s, why := r.signature()
	if s == nil {
		return why, r.d.Pos // without a reason where the types are broken
	}
	if before := r.said[s.name]; before != "" {
		return "this is said to be " + quote(before) + " already: one word for each function", r.d.Pos
	}
	r.said[s.name] = r.d.Word
	b := &builder{resolver: r, sig: s, call: models.Call{
		Func: s.name, Role: modelWords[r.d.Word].role, System: s.system, Source: r.source(), Said: true,
	}, taken: map[models.Path]bool{}}
	if n := s.Results().Len(); n > 0 {
		b.call.Results, b.call.Fails = n, isError(s.Results().At(n-1).Type())
	}
	if why, at := b.build(); why != "" {
		return why, at
	}
	r.set.Calls = append(r.set.Calls, b.call)
	return "", 0
}

// source is the directive itself and where it stands, without folders.
func (r *resolver) source() string {
	text := prefix + r.d.Word
	if r.d.Args != "" {
		text += " " + r.d.Args
	}
	at := r.set.fset.PositionFor(r.d.Pos, false)
	return fmt.Sprintf("%s (%s/%s:%d)", text, r.pkg.Path(), filepath.Base(at.Filename), at.Line)
}

// signature finds what the directive stands on; nil with a reason where it cannot say
// anything of it, without one where the types are broken.
func (r *resolver) signature() (*signature, string) {
	const move = "move it to a function, an interface's method or a function type"
	switch n := r.d.Node.(type) {
	case *ast.FuncDecl:
		fn, ok := r.info.Defs[n.Name].(*types.Func)
		if !ok {
			return nil, ""
		}
		if fn.Name() == "_" || fn.Signature().Recv() == nil && (fn.Name() == "init" || fn.Name() == "main" && r.pkg.Name() == "main") {
			return nil, "nobody calls " + fn.Name() + ": " + move
		}
		return r.function(fn), ""
	case *ast.Field:
		if len(n.Names) == 0 {
			return nil, "this embeds an interface: write it on the methods of that interface"
		}
		fn, ok := r.info.Defs[n.Names[0]].(*types.Func)
		if !ok {
			return nil, ""
		}
		return r.function(fn), ""
	case *ast.TypeSpec:
		obj, ok := r.info.Defs[n.Name].(*types.TypeName)
		if !ok {
			return nil, ""
		}
		named, ok := obj.Type().(*types.Named)
		if !ok {
			return nil, "this is another name of a type: write it on the type itself"
		}
		switch u := named.Underlying().(type) {
		case *types.Signature:
			return &signature{Signature: u, name: r.pkg.Path() + "." + obj.Name(), system: r.pkg.Name()}, ""
		case *types.Interface:
			return nil, "this is an interface, and it is its methods that are called: move it to one of them"
		default:
			return nil, "nobody calls a " + kindOf(u) + ": " + move
		}
	}
	return nil, ""
}

func (r *resolver) function(fn *types.Func) *signature {
	s := &signature{Signature: fn.Signature(), name: fn.FullName(), system: r.pkg.Name()}
	if recv := fn.Signature().Recv(); recv != nil {
		s.owner = recv.Type()
		if n, ok := types.Unalias(deref(s.owner)).(*types.Named); ok {
			s.system += "." + n.Obj().Name()
		}
	}
	return s
}

func kindOf(t types.Type) string {
	switch t.(type) {
	case *types.Struct:
		return "struct"
	case *types.Slice, *types.Array:
		return "list"
	case *types.Map:
		return "map"
	case *types.Chan:
		return "channel"
	}
	return "value"
}

// message makes the entry of a type that carries a received message.
func (r *resolver) message() (why string, at token.Pos) {
	spec, ok := r.d.Node.(*ast.TypeSpec)
	if !ok {
		return "it stands on a function: it belongs to the type that carries a message", r.d.Pos
	}
	obj, ok := r.info.Defs[spec.Name].(*types.TypeName)
	if !ok {
		return "", 0
	}
	named, ok := obj.Type().(*types.Named)
	if !ok {
		return "this is another name of a type: write it on the type itself", r.d.Pos
	}
	if isFunc(named) {
		return "a function carries no message: did you mean " + prefix + Handler + "?", r.d.Pos
	}
	name := r.pkg.Path() + "." + obj.Name()
	if r.messages[name] {
		return "this is said to be a message already", r.d.Pos
	}
	m := models.Message{Type: name, System: r.pkg.Name() + "." + obj.Name(), Source: r.source()}
	for _, a := range r.d.args {
		for _, part := range a.values {
			if why := r.part(named, part); why != "" {
				return why, a.pos
			}
		}
		switch a.name {
		case "identity":
			m.Identity = a.values
		case "delivery":
			m.Delivery = append(m.Delivery, a.values...)
		case "receipt":
			m.Receipt = a.values[0]
			m.Delivery = append(m.Delivery, m.Receipt)
		case "count":
			m.Count = a.values[0]
			m.Delivery = append(m.Delivery, m.Count)
		case "returned":
			m.Returned = true
		}
	}
	slices.Sort(m.Delivery)
	m.Delivery = slices.Compact(m.Delivery)
	for _, d := range m.Delivery {
		if slices.Contains(m.Identity, d) {
			return d + " is said to stay the same over all deliveries and to change with each", r.d.Pos
		}
	}
	r.messages[name] = true
	r.set.Messages = append(r.set.Messages, m)
	r.accessors(named, m)
	return "", 0
}

// part says why a message has no part of the name: a field, or a method without
// parameters and with one result.
func (r *resolver) part(named *types.Named, name string) string {
	obj, _, _ := types.LookupFieldOrMethod(types.NewPointer(named), true, r.pkg, name)
	if types.IsInterface(named) {
		obj, _, _ = types.LookupFieldOrMethod(named, true, r.pkg, name)
	}
	switch obj := obj.(type) {
	case *types.Var:
		return ""
	case *types.Func:
		if accessor(obj) {
			return ""
		}
		return name + " is a method with parameters or without exactly one result: name a field, or a method that only returns a part"
	}
	return named.Obj().Name() + " has no field or method " + name
}

func accessor(fn *types.Func) bool {
	sig := fn.Signature()
	return sig.Params().Len() == 0 && sig.Results().Len() == 1 && !isError(sig.Results().At(0).Type()) && !isFunc(sig.Results().At(0).Type())
}

// accessors are the methods that return a part of a message: of an interface all that
// look so, of another type those that the directive names.
func (r *resolver) accessors(named *types.Named, m models.Message) {
	add := func(fn *types.Func) {
		r.set.Calls = append(r.set.Calls, models.Call{
			Func: fn.FullName(), Role: models.Same, System: m.System, Source: m.Source, Said: true,
			Value: []models.Path{models.Path("recv." + fn.Name())}, Results: 1,
		})
		r.said[fn.FullName()] = Message
	}
	said := func(fn *types.Func) bool {
		return slices.ContainsFunc(r.set.Directives, func(d Directive) bool { return r.standsOn(d, fn) })
	}
	if i, ok := named.Underlying().(*types.Interface); ok {
		for fn := range i.ExplicitMethods() {
			if accessor(fn) && !said(fn) {
				add(fn)
			}
		}
		return
	}
	for fn := range named.Methods() {
		if (slices.Contains(m.Identity, fn.Name()) || slices.Contains(m.Delivery, fn.Name())) && accessor(fn) && !said(fn) {
			add(fn)
		}
	}
}

// standsOn reports whether a directive on in-house code documents the method.
func (r *resolver) standsOn(d Directive, fn *types.Func) bool {
	if modelWords[d.Word] == nil {
		return false
	}
	switch n := d.Node.(type) {
	case *ast.FuncDecl:
		return r.info.Defs[n.Name] == fn
	case *ast.Field:
		return len(n.Names) > 0 && r.info.Defs[n.Names[0]] == fn
	}
	return false
}
