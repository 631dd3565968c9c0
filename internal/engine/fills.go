package engine

import (
	"strconv"
	"strings"

	"golang.org/x/tools/go/ssa"

	"github.com/idemlint/idemlint/internal/summary"
	"github.com/idemlint/idemlint/internal/value"
	"github.com/idemlint/idemlint/models"
)

// A Same call with Content fills what it is given with what it returns: a row's Scan its
// arguments, a setter a field of its receiver.

// filled is where such a call puts its value: the parameter, without the receiver (-1),
// and the path from there.
func filled(m *models.Call) (param int, path []string, ok bool) {
	if m == nil || m.Role != models.Same || len(m.Content) == 0 {
		return 0, nil, false
	}
	head, rest, _ := strings.Cut(string(m.Content[0]), ".")
	param = -1
	if n, err := strconv.Atoi(strings.TrimPrefix(head, "arg")); err == nil {
		param = n
	}
	if rest != "" {
		path = strings.Split(rest, ".")
	}
	return param, path, true
}

// copies are the changes that such a call makes.
func (o *operands) copies(m *models.Call, shift int) []summary.Out {
	param, path, ok := filled(m)
	if !ok {
		return nil
	}
	return []summary.Out{{Param: param + shift, Path: path, Value: o.union(m.Value)}}
}

// copyError is the error of a call that hands on what a read returned: the read's own.
func (o *operands) copyError(m *models.Call, i int, inst uint64) *value.Value {
	from := o.union(m.Value)
	if from.Kind == value.Read {
		return o.e.Table.Node(value.Apply, i, from.Inst, "error of "+from.Text)
	}
	return o.e.Table.Node(value.Apply, i, inst, "error of "+m.Func)
}

// modelAt is the model of what is called, or nil.
func (e *Engine) modelAt(common *ssa.CallCommon) *models.Call {
	if common.IsInvoke() {
		return e.modelOf(common.Method)
	}
	if callee := common.StaticCallee(); callee != nil {
		return e.Index.Call(modelName(callee))
	}
	return nil
}

// pointees are the places that the variadic arguments of such a call point to, and the
// index of the operand that they stand in.
func (e *Engine) pointees(common *ssa.CallCommon) (list []place, arg int) {
	if !common.Signature().Variadic() || len(common.Args) == 0 {
		return nil, 0
	}
	if _, _, ok := filled(e.modelAt(common)); !ok {
		return nil, 0
	}
	arg = len(common.Args) - 1
	slice, ok := common.Args[arg].(*ssa.Slice)
	if !ok {
		return nil, 0
	}
	array, ok := slice.X.(*ssa.Alloc)
	if !ok {
		return nil, 0
	}
	for _, r := range *array.Referrers() {
		element, ok := r.(*ssa.IndexAddr)
		if !ok {
			continue
		}
		for _, use := range *element.Referrers() {
			if st, ok := use.(*ssa.Store); ok && st.Addr == element {
				list = append(list, locate(st.Val))
			}
		}
	}
	return list, arg
}

// setField is the field of its receiver that such a call sets, or "".
func (e *Engine) setField(common *ssa.CallCommon) string {
	if param, path, ok := filled(e.modelAt(common)); ok && param < 0 && len(path) > 0 {
		return path[0]
	}
	return ""
}
