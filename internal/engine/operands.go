package engine

import (
	"strings"

	"golang.org/x/tools/go/ssa"

	"github.com/idemlint/idemlint/internal/value"
	"github.com/idemlint/idemlint/models"
)

// quantity is a number in its unit's nanoseconds, or a count.
func (o *operands) quantity(q models.Quantity) *value.Value {
	t := o.e.Table
	if q.Path == "" {
		if q.Default == 0 {
			return nil
		}
		return t.Int(int64(q.Default))
	}
	v := o.at(q.Path)
	if v.Kind == value.Nil && q.Default == 0 && q.Unit == 0 {
		return v
	}
	if v.Kind == value.Nil || v.Kind == value.Const && v.Text == "0" && q.Default != 0 {
		if q.Default == 0 {
			return t.Unknown()
		}
		return t.Int(int64(q.Default))
	}
	if q.Unit != 0 {
		return t.Apply(value.OpMul, v, t.Int(int64(q.Unit)))
	}
	return v
}

func (o *operands) deadlineOf(m *models.Call) *value.Value {
	v := o.quantity(m.Timeout)
	if v == nil {
		return o.e.Table.Unknown()
	}
	// time.Now().Add(d): the deadline is d away.
	if v.Kind == value.Apply && strings.HasSuffix(v.Text, "Time).Add") && len(v.Args) == 2 {
		return v.Args[1]
	}
	return v
}

// duration is how long the call may take by its own bounds.
func (o *operands) duration(m *models.Call) *value.Value {
	t := o.e.Table
	var own *value.Value
	switch {
	case m.Timeout.Path != "" || m.Timeout.Default != 0:
		own = o.quantity(m.Timeout)
		if m.Unbounded {
			own = t.Apply(opTimeout, own)
		}
	case m.Unbounded:
		own = t.Apply(opUnbounded)
	case m.Role == models.Read || m.Role == models.Write || m.Role == models.Create || m.Role == models.Append ||
		m.Role == models.List || m.Role == models.Remove || m.Role == models.Stage || m.Role == models.Send:
		own = t.Apply(opStoreCall, o.e.clientOf(o.address(m)))
	}
	var ctx *value.Value
	switch {
	case m.Under != "":
		ctx = o.at(m.Under)
	case len(o.args) > 0 && m.Role != models.Wait:
		ctx = o.args[0]
	}
	if ctx != nil && (deadlineIn(ctx) != nil || ctx.Symbolic() && own != nil) {
		return t.Apply(opUnder, ctx, orUnknown(t, own))
	}
	return own
}

func orUnknown(t *value.Table, v *value.Value) *value.Value {
	if v == nil {
		return t.Unknown()
	}
	return v
}

// deadlineIn finds the innermost deadline that a context, or what carries one, is under.
func deadlineIn(ctx *value.Value) *value.Value {
	if ctx == nil {
		return nil
	}
	var found *value.Value
	value.Walk(ctx, func(v *value.Value) bool {
		if v.Kind == value.Apply && v.Text == opDeadline && v.Inst != 0 {
			if found == nil {
				found = v
			}
			return false
		}
		return found == nil
	})
	return found
}

// clientOf is the client at the root of an address.
func (e *Engine) clientOf(key *value.Value) *value.Value {
	for key.Kind == value.Apply && key.Text == opAddr {
		key = key.Args[0]
	}
	return key
}

// dropsError reports that the call's error result is not looked at.
func dropsError(in ssa.CallInstruction) bool {
	c, ok := in.(*ssa.Call)
	if !ok {
		return true // go and defer drop every result
	}
	res := c.Call.Signature().Results()
	if res.Len() == 0 || !isError(res.At(res.Len()-1).Type()) {
		return false
	}
	if res.Len() == 1 {
		return len(*c.Referrers()) == 0
	}
	for _, r := range *c.Referrers() {
		if x, ok := r.(*ssa.Extract); ok && x.Index == res.Len()-1 && len(*x.Referrers()) > 0 {
			return false
		}
	}
	return true
}

// dropsReceipt reports that a renewal's result is used, if at all, without its new
// receipt.
func dropsReceipt(in ssa.CallInstruction, path models.Path) bool {
	c, ok := in.(*ssa.Call)
	if !ok {
		return true
	}
	field := string(path[strings.LastIndexByte(string(path), '.')+1:])
	if c.Call.Signature().Results().Len() == 1 {
		return !readsField(c, field, 0)
	}
	for _, r := range *c.Referrers() {
		x, ok := r.(*ssa.Extract)
		if !ok || x.Index != 0 {
			continue
		}
		if readsField(x, field, 0) {
			return false
		}
	}
	return true
}

// readsField reports whether the field of a value is read, or the value goes
// somewhere where it may be.
func readsField(v ssa.Value, field string, depth int) bool {
	for _, r := range *v.Referrers() {
		switch x := r.(type) {
		case *ssa.Field:
			if fieldName(x.X.Type(), x.Field) == field {
				return true
			}
		case *ssa.FieldAddr:
			if fieldName(x.X.Type(), x.Field) == field {
				return true
			}
		case *ssa.Store:
			if x.Val == v {
				a, ok := x.Addr.(*ssa.Alloc)
				if !ok || depth > 2 || readsField(a, field, depth+1) {
					return true
				}
			}
		case *ssa.DebugRef:
		default:
			return true
		}
	}
	return false
}
