package engine

import (
	"github.com/idemlint/idemlint/internal/summary"
	"github.com/idemlint/idemlint/internal/value"
	"github.com/idemlint/idemlint/models"
)

// opGiven is a handle with conditions that hold for the calls made on it: the handle, the
// version that must match, that must not, the other conditions.
const opGiven = "given"

// given puts the conditions that a call sets on a handle around it.
func (o *operands) given(m *models.Call, handle *value.Value) *value.Value {
	if len(m.IfMatch)+len(m.IfNoneMatch)+len(m.Conditions) == 0 {
		return handle
	}
	t := o.e.Table
	absent := func(v *value.Value) *value.Value {
		if v == nil {
			return t.Nil()
		}
		return v
	}
	return t.Apply(opGiven, handle, absent(o.union(m.IfMatch)), absent(o.union(m.IfNoneMatch)), absent(o.list(m.Conditions)))
}

// unwrap takes the conditions of handles out of an effect's values: those that its key
// was reached by become its own. A key that was written to, as a stream is, is the key
// that it was.
func (e *Engine) unwrap(x *summary.Effect) {
	t := e.Table
	if key := x.Slots[summary.Key]; key != nil {
		x.Slots[summary.Key] = e.spine(key, func(g *value.Value) {
			for i, slot := range [...]summary.Slot{summary.IfMatch, summary.IfNoneMatch, summary.Conditions} {
				c := g.Args[i+1]
				if c.Kind == value.Nil {
					continue
				}
				if own := x.Slots[slot]; own != nil && own.Kind != value.Nil {
					if slot == summary.Conditions {
						c = t.List(append(append([]*value.Value(nil), own.Args...), c.Args...)...)
					} else {
						c = t.Union(own, c)
					}
				}
				x.Slots[slot] = c
			}
		})
	}
	for i, v := range x.Slots {
		if v == nil || !value.Exists(v, isGiven) {
			continue
		}
		x.Slots[i] = t.Rewrite(v, map[*value.Value]*value.Value{}, func(_, is *value.Value) *value.Value {
			if isGiven(is) {
				return is.Args[0]
			}
			return nil
		})
	}
}

func isGiven(v *value.Value) bool {
	return v.Kind == value.Apply && v.Text == opGiven && len(v.Args) == 4
}

// spine follows an address from its innermost part outwards.
func (e *Engine) spine(key *value.Value, visit func(*value.Value)) *value.Value {
	t := e.Table
	switch key.Kind {
	case value.Apply:
		switch {
		case isGiven(key):
			visit(key)
			return e.spine(key.Args[0], visit)
		case key.Text == opAddr && len(key.Args) == 2:
			return t.Apply(opAddr, e.spine(key.Args[0], visit), key.Args[1])
		}
	case value.Struct:
		if len(key.Names) > 0 && key.Names[0] == "" && address(key.Args[0]) != nil {
			return e.spine(key.Args[0], visit)
		}
	case value.Union:
		if a := address(key); a != nil {
			return e.spine(a, visit)
		}
	}
	return key
}

// address is the one address that a value is, beside what was written to it; or nil.
func address(v *value.Value) *value.Value {
	switch v.Kind {
	case value.Apply:
		if v.Text == opAddr || isGiven(v) {
			return v
		}
	case value.Struct:
		if len(v.Names) > 0 && v.Names[0] == "" {
			return address(v.Args[0])
		}
	case value.Union:
		var one *value.Value
		for _, p := range v.Args {
			switch a := address(p); {
			case a == nil && p.Kind != value.Apply:
				return nil
			case a != nil && one != nil:
				return nil
			case a != nil:
				one = a
			}
		}
		return one
	}
	return nil
}
