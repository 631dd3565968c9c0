package engine

import (
	"slices"
	"strings"

	"golang.org/x/tools/go/ssa"

	"github.com/idemlint/idemlint/internal/summary"
	"github.com/idemlint/idemlint/internal/value"
	"github.com/idemlint/idemlint/models"
)

// Leave is a way that left a message unsettled.
type Leave struct {
	Worked, Already bool
	Pos             summary.Pos
}

// Window is what runs between a receive and the settles, as far as this package sees.
type Window struct {
	// Func is the function that the window opens in; Receive where. A handler that
	// is given its message has a Receive without a model.
	Func    string
	Receive summary.Effect
	// Effects are in the order of the code; those with Held can happen before the
	// message is settled, those with Late after.
	Effects []summary.Effect
	Leaves  []Leave
	// Settles: some way settles.
	Settles bool
	// Time is the longest known time that the message is held.
	Serial *value.Value
	// Foreign: the window opens in another package; Known are the effects that were
	// judged there.
	Foreign bool
	Known   []uint64
	// Shadowed: the package itself calls the function with the values that the window
	// was waiting for; what happens in it is told there.
	Shadowed bool
	// Cut: the function is too large to be followed to its end.
	Cut bool
}

// ownWindow makes the window of a function that receives.
func (f *function) ownWindow(s *summary.Summary, receives []summary.Effect) []summary.Window {
	f.escapes = f.returnsMessage(s)
	if f.escapes || len(receives) == 0 {
		return nil
	}
	return []summary.Window{{
		Func: f.name, Receive: receives[0], Effects: slices.Clone(s.Effects),
		Serial: f.engine.larger(s.Until, s.Parallel),
	}}
}

// returnsMessage reports whether the function gives what it received to its caller
// unsettled, or settled and not worked on: a wrapper around the queue.
func (f *function) returnsMessage(s *summary.Summary) bool {
	idle := !slices.ContainsFunc(s.Effects, func(x summary.Effect) bool { return works(x.Role) })
	res := f.ssa.Signature.Results()
	for _, b := range f.ssa.Blocks {
		r, ok := b.Instrs[len(b.Instrs)-1].(*ssa.Return)
		if !ok || !f.flow.gives[r] && !(idle && (f.flow.pops[r] || f.flow.popped && f.flow.succeeds[r])) {
			continue
		}
		for i, x := range r.Results {
			t := res.At(i).Type()
			if isError(t) || isNumeric(t) {
				continue
			}
			if f.engine.isCarrier(element(t)) || value.DependsOn(f.eval(x, r), func(x *value.Value) bool { return x.Kind == value.Received }) {
				return true
			}
		}
	}
	return false
}

// Windows lists the package's windows: of functions that receive, of handlers that
// are given a message, and of other packages' functions that were waiting for the
// values this package has.
func (e *Engine) Windows() []Window {
	e.grounded = map[*value.Value]*value.Value{}
	var list []Window
	instances := map[*ssa.Function]bool{}
	for _, f := range e.own {
		instances[f.ssa.Origin()] = true
	}
	for _, f := range e.own {
		if f.sum == nil || f.ssa.TypeParams().Len() > 0 && len(f.ssa.TypeArgs()) == 0 && instances[f.ssa] {
			continue // a generic function's instances say it better
		}
		switch {
		case f.root && !f.escapes:
			for _, w := range f.sum.Windows {
				if w.Func == f.name && len(w.Receive.Chain) == len(f.receives[0].Chain) {
					list = append(list, e.window(f, w))
					break
				}
			}
		case f.isHandler():
			list = append(list, e.window(f, summary.Window{
				Func: f.name, Receive: f.given(), Effects: append(slices.Clone(f.sum.Effects), f.returns()...), Serial: e.larger(f.sum.Until, f.sum.Parallel),
			}))
		}
	}
	for _, f := range e.own {
		if f.sum == nil {
			continue
		}
		for _, w := range f.sum.Windows {
			if len(w.Receive.Chain) > 0 && e.byName[w.Func] != f {
				out := e.view(w)
				out.Foreign, out.Known = true, w.Known
				list = append(list, out)
			}
		}
	}
	for i := range list {
		list[i].Shadowed = shadowed(&list[i], list)
	}
	for i := range list {
		if w := &list[i]; !w.Foreign && !w.Shadowed {
			e.judged(w, list)
			e.handled(w)
		}
	}
	return list
}

// handled keeps what a handler's window tells from being told again where another
// package calls the handler with a message of its own.
func (e *Engine) handled(w *Window) {
	if w.Receive.Func != handlerEntry {
		return
	}
	for i := range w.Effects {
		if x := &w.Effects[i]; x.Role != summary.Dynamic {
			e.judgedHere[mark(x)] = true
		}
	}
}

// JudgedThere reports whether an imported package tells of the effect, by a handler of
// its own.
func (e *Engine) JudgedThere(x *summary.Effect) bool { return e.judgedThere[mark(x)] }

// handlerEntry is the Func of a handler's receive: its entry.
const handlerEntry = "handler"

// judged keeps what a window tells by itself from being told again where it is
// seen through its callers.
func (e *Engine) judged(w *Window, all []Window) {
	var known []uint64
	for i := range w.Effects {
		if w.Effects[i].Role != summary.Dynamic {
			known = append(known, mark(&w.Effects[i]))
		}
	}
	if e.timed(w.Receive, w.Serial) {
		known = append(known, timeMark)
	}
	for i := range all {
		if all[i].Foreign && all[i].Func == w.Func {
			all[i].Known = append(slices.Clone(all[i].Known), known...)
			slices.Sort(all[i].Known)
		}
	}
}

// timeMark stands among a window's known effects for its time.
const timeMark = 1

// timed reports whether the time of a window can be judged by itself: its lease is
// known, and its work, or at least too much of it.
func (e *Engine) timed(receive summary.Effect, serial *value.Value) bool {
	r := value.Number(receive.Slots[summary.Lease])
	if !r.Known || r.Max <= 0 {
		return false
	}
	return serial == nil || !serial.Has(value.Dyn) || e.Time(serial, Batch(receive)).Total() > r.Max
}

// Batch is how many messages a receive may bring; 1 where that is not known.
func Batch(receive summary.Effect) float64 {
	if r := value.Number(receive.Slots[summary.Batch]); r.Known && r.Max > 1 {
		return r.Max
	}
	return 1
}

// TimeKnownThere reports whether the window's time was judged where it opens.
func (w *Window) TimeKnownThere() bool {
	_, ok := slices.BinarySearch(w.Known, timeMark)
	return ok
}

// shadowed reports whether a window leaves calls open that a caller's view of it knows.
func shadowed(w *Window, all []Window) bool {
	if w.Foreign || open(w) == 0 {
		return false
	}
	for i := range all {
		if all[i].Foreign && all[i].Func == w.Func && open(&all[i]) < open(w) {
			return true
		}
	}
	return false
}

func open(w *Window) int {
	n := 0
	for i := range w.Effects {
		if w.Effects[i].Role == summary.Dynamic {
			n++
		}
	}
	return n
}

func (e *Engine) window(f *function, w summary.Window) Window {
	out := e.view(f.captured(w))
	for _, l := range f.flow.leaves {
		s := l.state
		if s.custody != summary.Held || s.failed || s.released || !s.worked && !s.already {
			continue
		}
		if n := len(l.results); f.errorResult() && n > 0 && l.results[n-1] == summary.Present {
			continue
		}
		if !f.root && !f.flowSettles() {
			continue
		}
		out.Leaves = append(out.Leaves, Leave{Worked: s.worked, Already: s.already && !s.worked, Pos: orPos(s.blame, l.pos)})
	}
	out.Settles = f.flowSettles()
	out.Cut = f.exhausted
	return out
}

// captured puts what a function literal captured into its window; what its parent
// was given is the same for all messages.
func (f *function) captured(w summary.Window) summary.Window {
	parent := f.engine.byFunc[f.ssa.Parent()]
	if parent == nil {
		return w
	}
	for _, b := range parent.ssa.Blocks {
		for _, in := range b.Instrs {
			mc, ok := in.(*ssa.MakeClosure)
			if !ok || mc.Fn != f.ssa {
				continue
			}
			e := f.engine
			bind := &binding{e: e, memo: map[*value.Value]*value.Value{}, keep: true}
			last := b.Instrs[len(b.Instrs)-1]
			for _, x := range mc.Bindings {
				bind.frees = append(bind.frees, e.assume(parent.eval(x, last), parent.name))
			}
			w.Receive.Map(bind.value)
			w.Serial = bind.value(w.Serial)
			w.Effects = e.bindEffects(bind, w.Effects, summary.Pos{})
			return w
		}
	}
	return w
}

func (f *function) flowSettles() bool {
	for _, s := range f.sites {
		if s.settles {
			return true
		}
	}
	return false
}

// view is a window with what the package knows put into it.
func (e *Engine) view(w summary.Window) Window {
	e.resolved = 0
	out := Window{Func: w.Func, Receive: w.Receive}
	out.Receive.Map(e.ground)
	if out.Receive.Slots[summary.Lease] == nil {
		out.Receive.Slots[summary.Lease] = e.clientLease(out.Receive.Slots[summary.Client])
	}
	out.Effects = e.groundEffects(w.Effects)
	for i := range out.Effects {
		e.unwrap(&out.Effects[i])
	}
	out.Serial = e.ground(w.Serial)
	return out
}

// isHandler reports whether the function is given a message by somebody who is not
// in this package: its window opens at its entry.
func (f *function) isHandler() bool {
	if f.engine.handlers[f] != nil && !f.root {
		return f.handles()
	}
	if f.root || f.ssa.Synthetic != "" && f.ssa.Origin() == nil || !f.handles() {
		return false
	}
	return f.givenMessage() && !f.sendsOn() && !f.calledHere()
}

// sendsOn reports whether the function sends the very thing that it is given: it stands
// where messages are made, not where they arrive.
func (f *function) sendsOn() bool {
	return f.returned() != nil && slices.ContainsFunc(f.sum.Effects, func(x summary.Effect) bool {
		content := x.Slots[summary.Content]
		for content != nil && (content.Kind == value.Boxed || content.Kind == value.List) && len(content.Args) > 0 {
			content = content.Args[0]
		}
		return x.Role == models.Send && content != nil && content.Kind == value.Param
	})
}

// givenMessage reports whether a parameter carries a message.
func (f *function) givenMessage() bool {
	return slices.ContainsFunc(f.ssa.Params, func(p *ssa.Parameter) bool {
		return p != f.receiver() && f.engine.arrives(element(p.Type()))
	})
}

func (f *function) receiver() *ssa.Parameter {
	if f.ssa.Signature.Recv() != nil && len(f.ssa.Params) > 0 {
		return f.ssa.Params[0]
	}
	return nil
}

// handles reports whether the function does more with a message than settle it.
func (f *function) handles() bool {
	for _, x := range f.sum.Effects {
		switch x.Role {
		case models.Settle, models.Nack, models.Renew, models.DeadLetter, models.Wait:
		default:
			return true
		}
	}
	return len(f.sum.Effects) > 1
}

// calledHere reports whether the package itself calls the function.
func (f *function) calledHere() bool {
	for _, g := range f.engine.own {
		if strings.HasPrefix(g.ssa.Synthetic, "bound method wrapper") || strings.HasPrefix(g.ssa.Synthetic, "thunk") {
			continue // a method value: who has it calls it
		}
		for _, s := range g.sites {
			if c := s.in.Common().StaticCallee(); c != nil && f.engine.resolveBound(c) == f {
				return true
			}
		}
		if g != f && (g.root || g.givenMessage()) && g.reaches(f) {
			return true
		}
	}
	return false
}

// reaches reports whether effects of f stand in g's window through a resolved call.
func (f *function) reaches(g *function) bool {
	if f.sum == nil || g.sum == nil || len(g.sum.Effects) == 0 {
		return false
	}
	for _, x := range f.sum.Effects {
		if y := &g.sum.Effects[0]; len(x.Chain) > len(y.Chain) && x.Pos == y.Pos {
			return true
		}
	}
	return false
}

// given is the receive of a handler: its entry.
func (f *function) given() summary.Effect {
	x := summary.Effect{Role: models.Receive, Func: handlerEntry, Inst: f.engine.instanceAt(f.ssa.Pos(), handlerEntry), Pos: f.engine.Pos(f.ssa.Pos())}
	for i, p := range f.ssa.Params {
		if f.engine.isCarrier(element(p.Type())) {
			x.Slots[summary.Message] = f.engine.Table.Leaf(value.Param, i, 0, boxName(p.Type()))
		}
	}
	f.takes(&x)
	if s := f.subscription(); s != nil {
		o := s.operands(f.engine)
		x.Slots[summary.Client] = f.engine.Table.Node(value.Apply, 0, 0, s.model.Func, s.args...)
		x.Slots[summary.Lease] = o.quantity(s.model.Lease)
	}
	return x
}

// KnownThere reports whether the effect was judged where the window opens.
func (w *Window) KnownThere(x *summary.Effect) bool {
	_, ok := slices.BinarySearch(w.Known, mark(x))
	return ok
}
