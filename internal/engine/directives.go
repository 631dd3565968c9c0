package engine

import (
	"go/types"
	"strconv"
	"strings"

	"golang.org/x/tools/go/ssa"

	"github.com/idemlint/idemlint/internal/summary"
	"github.com/idemlint/idemlint/internal/value"
	"github.com/idemlint/idemlint/models"
)

// What directives say of in-house code is in the index, as if it were an SDK. Here is
// what SDKs do not have: function types that mean something, and functions that are
// called handlers.

// givenText stands in the place of the type of a handler's message: the parameter is the
// message, whatever its type.
const givenText = "message"

// handling is a function that is given a message, by a directive.
type handling struct {
	entry *models.Call
	// param is the message among the function's parameters, the receiver counted.
	param int
	// lease is what the call that registers the function says, nil where it is unknown.
	lease *value.Value
}

// described reports whether a directive says what an own function does, so that it is
// not looked into. A handler is: its body is the window.
func (e *Engine) described(f *ssa.Function) bool {
	for f.Parent() != nil {
		f = f.Parent()
	}
	m := e.Index.Call(modelName(f))
	return m != nil && m.Said && m.Role != models.Handle
}

// typed is the model of a function type that a call goes through, or nil.
func (e *Engine) typed(common *ssa.CallCommon) *models.Call {
	if common.IsInvoke() || common.StaticCallee() != nil {
		return nil
	}
	if n, ok := types.Unalias(common.Value.Type()).(*types.Named); ok {
		if m := e.Index.Call(typeName(n)); m != nil && m.Said {
			return m
		}
	}
	return nil
}

// handlerMethod is the interface's method called a handler that a concrete method
// implements, or nil.
func (e *Engine) handlerMethod(fn *types.Func) *models.Call {
	if fn == nil || fn.Signature().Recv() == nil || len(e.handlerMethods) == 0 {
		return nil
	}
	recv := fn.Signature().Recv().Type()
	if types.IsInterface(recv) {
		return nil
	}
	for _, m := range e.handlerMethods {
		owner, name, _ := strings.Cut(strings.TrimPrefix(m.Func, "("), ").")
		if name != fn.Name() {
			continue
		}
		named := e.lookupType(owner)
		if named == nil || named.TypeParams().Len() > 0 {
			continue
		}
		if i, ok := named.Underlying().(*types.Interface); ok && (types.Implements(recv, i) || types.Implements(types.NewPointer(deref(recv)), i)) {
			return m
		}
	}
	return nil
}

// handlerOf is the entry of a handler that is called by its name, or nil.
func (e *Engine) handlerOf(callee *ssa.Function) *models.Call {
	if own := e.resolveBound(callee); own != nil {
		if h := e.handlers[own]; h != nil && h.entry.Role == models.Handle {
			return h.entry
		}
		return nil
	}
	fn, _ := callee.Object().(*types.Func)
	return e.handlerMethod(fn)
}

// findHandlers finds the functions that directives make handlers: by themselves, by the
// interface's method that they implement, by the function type that they become, by the
// call that they are given to.
func (e *Engine) findHandlers() {
	e.handlers = map[*function]*handling{}
	calls, _ := e.Index.Said()
	var subscribes bool
	for i := range calls {
		switch m := &calls[i]; {
		case m.Role == models.Handle && strings.HasPrefix(m.Func, "("):
			e.handlerMethods = append(e.handlerMethods, m)
			subscribes = true
		case m.Role == models.Handle, m.Role == models.Subscribe && m.Handler != "":
			subscribes = true
		}
	}
	if !subscribes {
		return
	}
	for _, f := range e.own {
		m := e.Index.Call(modelName(f.ssa))
		if m == nil || m.Role != models.Handle || f.ssa.Parent() != nil {
			fn, _ := f.ssa.Object().(*types.Func)
			if m = e.handlerMethod(fn); f.ssa.Parent() != nil {
				m = nil
			}
		}
		e.declare(f, m)
	}
	for _, f := range e.own {
		for _, b := range f.ssa.Blocks {
			for _, in := range b.Instrs {
				switch x := in.(type) {
				case *ssa.ChangeType:
					if n, ok := types.Unalias(x.Type()).(*types.Named); ok {
						if m := e.Index.Call(typeName(n)); m != nil && m.Role == models.Handle {
							e.declare(e.literal(x.X), m)
						}
					}
				case *ssa.MakeInterface:
					e.implements(x)
				case ssa.CallInstruction:
					e.subscribes(x)
				}
			}
		}
	}
}

// implements makes handlers of the methods of a type that is put into an instance of a
// generic interface: who implements such an interface is not known before.
func (e *Engine) implements(x *ssa.MakeInterface) {
	n, ok := types.Unalias(x.Type()).(*types.Named)
	if !ok || n.TypeArgs().Len() == 0 {
		return
	}
	owner := "(" + typeName(n) + "["
	for _, m := range e.handlerMethods {
		name := m.Func[strings.LastIndexByte(m.Func, '.')+1:]
		if !strings.HasPrefix(m.Func, owner) {
			continue
		}
		obj, _, _ := types.LookupFieldOrMethod(x.X.Type(), true, e.Pass.Pkg, name)
		if fn, ok := obj.(*types.Func); ok {
			e.declare(e.byName[fn.Origin().FullName()], m)
		}
	}
}

// subscribes notes the function that is given to a call that gives it messages.
func (e *Engine) subscribes(in ssa.CallInstruction) {
	common := in.Common()
	m := e.typed(common)
	args := common.Args
	switch {
	case common.IsInvoke():
		m = e.modelOf(common.Method)
	case common.StaticCallee() != nil:
		m = e.Index.Call(modelName(common.StaticCallee()))
		if common.Signature().Recv() != nil && len(args) > 0 {
			args = args[1:]
		}
	}
	if m == nil || !m.Said || m.Role != models.Subscribe {
		return
	}
	for i, a := range args {
		if m.Handler == argument(i) {
			e.declare(e.literal(a), m)
		}
	}
}

func argument(i int) models.Path { return models.Path("arg" + strconv.Itoa(i)) }

// literal is the own function that a function value is, or nil.
func (e *Engine) literal(v ssa.Value) *function {
	switch x := v.(type) {
	case *ssa.ChangeType:
		return e.literal(x.X)
	case *ssa.MakeClosure:
		g := x.Fn.(*ssa.Function)
		if obj, ok := g.Object().(*types.Func); ok && g.Parent() == nil {
			return e.byName[obj.FullName()] // a method value: the method itself
		}
		return e.resolveBound(g)
	case *ssa.Function:
		return e.resolveBound(x)
	}
	return nil
}

// declare makes a function a handler.
func (e *Engine) declare(f *function, m *models.Call) {
	if f == nil || m == nil || e.handlers[f] != nil {
		return
	}
	h := &handling{entry: m, param: -1}
	shift := 0
	if f.receiver() != nil {
		shift = 1
	}
	for i, p := range f.ssa.Params[shift:] {
		if m.Role == models.Handle && m.Message == argument(i) ||
			m.Role == models.Subscribe && h.param < 0 && !isContext(p.Type()) && !isError(p.Type()) && !isFunc(p.Type()) {
			h.param = i + shift
		}
	}
	if h.param < 0 {
		return
	}
	if m.Lease.Path == "" {
		h.lease = (&operands{e: e}).quantity(m.Lease)
	}
	e.handlers[f] = h
}

// isGiven reports whether the parameter is the message that a directive says it is.
func (f *function) isGiven(p *ssa.Parameter) bool {
	h := f.engine.handlers[f]
	return h != nil && h.param < len(f.ssa.Params) && f.ssa.Params[h.param] == p
}

// takes completes the receive of a handler by what its directive says.
func (f *function) takes(x *summary.Effect) {
	h := f.engine.handlers[f]
	if h == nil {
		return
	}
	p := f.ssa.Params[h.param]
	x.Slots[summary.Message] = f.parameter(p)
	x.Slots[summary.Client] = f.engine.Table.Node(value.Apply, 0, 0, h.entry.Func)
	if h.lease != nil {
		x.Slots[summary.Lease] = h.lease
	}
}

// plainList reports whether v is a list of received messages that have no type of their own.
func (f *function) plainList(v ssa.Value, at ssa.Instruction) bool {
	if !f.engine.Index.Plain() {
		return false
	}
	r := f.eval(v, at)
	if r.Kind != value.Received {
		return false
	}
	m := f.engine.Index.Call(r.Text)
	return m != nil && m.Plain
}

// arrives reports whether a value of the type is a message wherever it comes from: as a
// parameter, out of a channel, by an interface that is not in sight. Where only what a
// receive returns makes the type a message, it may be anything elsewhere.
func (e *Engine) arrives(t types.Type) bool {
	if m := e.Index.Message(typeName(t)); m != nil && m.Assumed {
		return false
	}
	return e.isCarrier(t)
}
