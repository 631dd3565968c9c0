package engine

import (
	"go/token"
	"go/types"
	"slices"
	"strings"

	"golang.org/x/tools/go/ssa"

	"github.com/idemlint/idemlint/internal/value"
)

// isCarrier reports whether a value of the type carries a received message: an
// SDK's message type, or a type of the house that is seen to wrap one.
func (e *Engine) isCarrier(t types.Type) bool {
	name := typeName(t)
	return name != "" && (e.Index.Message(name) != nil || e.carriers[name])
}

// Carriers lists the house's own carrier types of this package.
func (e *Engine) Carriers() []string {
	var list []string
	prefix := e.Pass.Pkg.Path() + "."
	for c := range e.carriers {
		if strings.HasPrefix(c, prefix) {
			list = append(list, c)
		}
	}
	slices.Sort(list)
	return list
}

// findCarriers marks the package's structs that hold a carrier in a field.
func (e *Engine) findCarriers() {
	scope := e.Pass.Pkg.Scope()
	for again := true; again; {
		again = false
		for _, n := range scope.Names() {
			tn, ok := scope.Lookup(n).(*types.TypeName)
			if !ok || tn.IsAlias() {
				continue
			}
			name := typeName(tn.Type())
			s, ok := tn.Type().Underlying().(*types.Struct)
			if !ok || e.carriers[name] || !e.wraps(s) {
				continue
			}
			e.carriers[name] = true
			again = true
		}
	}
}

// wraps reports whether a struct is a message in another dress: it holds exactly
// one carrier and nothing that belongs to a worker (a channel, a lock).
func (e *Engine) wraps(s *types.Struct) bool {
	found := false
	for i := range s.NumFields() {
		t := s.Field(i).Type()
		if _, ok := t.Underlying().(*types.Chan); ok {
			return false
		}
		if strings.HasPrefix(typeName(t), "sync.") {
			return false
		}
		if e.arrives(t) {
			found = true
		}
	}
	return found
}

// observe collects what the package's code puts into fields, globals and channels,
// and which of its structs are filled from a received message.
func (e *Engine) observe() {
	for _, f := range e.own {
		for _, b := range f.ssa.Blocks {
			for _, in := range b.Instrs {
				switch x := in.(type) {
				case *ssa.Store:
					e.observeStore(f, x)
				case *ssa.Send:
					ch := f.eval(x.Chan, x)
					e.sent[ch] = e.joined(e.sent[ch], f.eval(x.X, x))
				case ssa.CallInstruction:
					s := f.site(x)
					for _, v := range s.results {
						e.observeValue(v)
					}
					for _, v := range s.args {
						e.observeValue(v)
					}
				}
			}
		}
		if f.sum != nil {
			for _, v := range f.sum.Results {
				e.observeValue(v)
			}
		}
	}
}

func (e *Engine) observeStore(f *function, x *ssa.Store) {
	v := f.eval(x.Val, x)
	e.observeValue(v)
	switch a := x.Addr.(type) {
	case *ssa.FieldAddr:
		if owner := typeName(a.X.Type()); owner != "" {
			e.hold(owner, fieldName(a.X.Type(), a.Field), v)
		}
	case *ssa.Global:
		if closed(v) {
			e.fields[a.String()] = e.joined(e.fields[a.String()], v)
		}
	}
}

func (e *Engine) observeValue(v *value.Value) {
	if v == nil || !v.Has(value.Struct) {
		return
	}
	value.Walk(v, func(x *value.Value) bool {
		if x.Kind == value.Struct && x.Text != "" {
			for i, n := range x.Names {
				if n != "" {
					e.hold(x.Text, n, x.Args[i])
				}
			}
		}
		return true
	})
}

// hold notes what a field of a type is seen to hold.
func (e *Engine) hold(owner, field string, v *value.Value) {
	if v == nil || e.Index.Message(owner) != nil {
		return // what is sent says nothing about what is received, though their type is one
	}
	if strings.HasPrefix(owner, e.Pass.Pkg.Path()+".") && !e.carriers[owner] && e.isReceipt(v) {
		e.carriers[owner] = true
	}
	name := owner + "." + field
	if closed(v) {
		e.fields[name] = e.joined(e.fields[name], v)
		return
	}
	if a := e.assume(v, name); closed(a) {
		e.assumed[name] = e.joined(e.assumed[name], a)
	}
}

// assume puts a name in the place of what only a caller knows: a constructor's
// arguments are the same for all messages of the worker it makes.
func (e *Engine) assume(v *value.Value, name string) *value.Value {
	return e.Table.Rewrite(v, map[*value.Value]*value.Value{}, func(was, is *value.Value) *value.Value {
		if was.Kind == value.Param || was.Kind == value.Free {
			return e.Table.Leaf(value.Global, was.Index, 0, "configuration of "+name)
		}
		return nil
	})
}

// isReceipt reports whether the value is the receipt of a received message.
func (e *Engine) isReceipt(v *value.Value) bool {
	return v.Kind == value.Field && e.receiptFields()[v.Text] && value.DependsOn(v, func(x *value.Value) bool {
		return x.Kind == value.Received || x.Kind == value.Param && e.Index.Message(strings.TrimPrefix(x.Text, "*")) != nil
	})
}

// identities are the fields that identify messages.
func (e *Engine) identities() map[string]bool {
	if e.ids == nil {
		e.ids = map[string]bool{}
		for _, m := range e.Index.Messages() {
			for _, f := range m.Identity {
				e.ids[f] = true
			}
		}
	}
	return e.ids
}

func (e *Engine) receiptFields() map[string]bool {
	if e.receipts == nil {
		e.receipts = map[string]bool{}
		for _, m := range e.Index.Messages() {
			if m.Receipt != "" {
				e.receipts[m.Receipt] = true
			}
		}
	}
	return e.receipts
}

// countFields are the fields that count a message's deliveries.
func (e *Engine) countFields() map[string]bool {
	if e.counts == nil {
		e.counts = map[string]bool{}
		for _, m := range e.Index.Messages() {
			if m.Count != "" {
				e.counts[m.Count] = true
			}
		}
	}
	return e.counts
}

// closed reports whether a value means the same outside its function.
func closed(v *value.Value) bool {
	if v.Symbolic() || v.Has(value.Loop) || v.Has(value.Received) || v.Has(value.Read) {
		return false
	}
	switch v.Kind {
	case value.Nil, value.Unknown, value.Mix:
		return false
	}
	return true
}

// IsCarrier is isCarrier by the type's full name.
func (e *Engine) IsCarrier(name string) bool {
	return name == givenText || name != "" && (e.Index.Message(name) != nil || e.carriers[name])
}

// Decided reports whether the package compares the field with anything.
func (e *Engine) Decided(typ, field string) bool {
	if e.decided == nil {
		e.decided = map[string]bool{}
		for _, f := range e.own {
			for _, b := range f.ssa.Blocks {
				for _, in := range b.Instrs {
					e.decides(in)
				}
			}
		}
	}
	return e.decided[typ+"."+field]
}

func (e *Engine) decides(in ssa.Instruction) {
	note := func(v ssa.Value) {
		if u, ok := v.(*ssa.UnOp); ok {
			v = u.X
		}
		switch x := v.(type) {
		case *ssa.FieldAddr:
			e.decided[typeName(x.X.Type())+"."+fieldName(x.X.Type(), x.Field)] = true
		case *ssa.Field:
			e.decided[typeName(x.X.Type())+"."+fieldName(x.X.Type(), x.Field)] = true
		}
	}
	switch x := in.(type) {
	case *ssa.BinOp:
		switch x.Op {
		case token.LSS, token.LEQ, token.GTR, token.GEQ, token.EQL, token.NEQ:
			note(x.X)
			note(x.Y)
		}
	case *ssa.Call:
		switch calleeName(&x.Call) {
		case "(time.Time).Before", "(time.Time).After", "(time.Time).Compare", "(time.Time).Equal", "(time.Time).Sub", "time.Since", "time.Until", "(time.Time).Add":
			for _, a := range x.Call.Args {
				note(a)
			}
		}
	}
}
