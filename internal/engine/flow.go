package engine

import (
	"go/token"
	"go/types"
	"slices"

	"golang.org/x/tools/go/ssa"

	"github.com/idemlint/idemlint/internal/summary"
)

// leave is a way that ends with a message: at a return, or where the next message
// is taken.
type leave struct {
	state state
	pos   summary.Pos
	// result is what is known of the function's last result.
	results []summary.Known
	returns bool
	// at is the return, nil for a way that ends elsewhere.
	at *ssa.Return
	// cancelled: what is returned is the context's own error.
	cancelled bool
}

// flow follows every way through a function.
type flow struct {
	f     *function
	ids   map[cell]int
	cells []cell
	// live tells at which blocks a fact may still be asked for.
	live map[int]map[*ssa.BasicBlock]bool

	held map[ssa.Instruction]bool
	// late are what a way reaches after a settle, with the settle.
	late   map[ssa.Instruction]ssa.CallInstruction
	leaves []leave
	// root: the function takes messages itself and opens the window.
	root     bool
	msgLoops map[*loop]bool
	defers   []*ssa.Defer
	// succeeds are the returns that a way without failure reaches.
	succeeds map[*ssa.Return]bool
	// gives are the returns that such a way reaches with a message in hand.
	gives map[*ssa.Return]bool
	// pops are the returns that it reaches with the message settled and no work done.
	pops map[*ssa.Return]bool
	// popped: a turn of a loop over messages ends with the message settled and no work done.
	popped bool
	// failures are settles that a way reaches on which work failed, with the call that
	// failed; ahead those with work under way elsewhere. keeps remembers where errors go.
	failures map[ssa.Instruction]ssa.CallInstruction
	ahead    map[ssa.Instruction]ssa.Instruction
	keeps    map[ssa.CallInstruction]bool
}

func (f *function) follow(root bool) *flow {
	w := &flow{f: f, ids: map[cell]int{}, held: map[ssa.Instruction]bool{}, late: map[ssa.Instruction]ssa.CallInstruction{}, root: root, msgLoops: map[*loop]bool{}, succeeds: map[*ssa.Return]bool{}, gives: map[*ssa.Return]bool{}, pops: map[*ssa.Return]bool{},
		failures: map[ssa.Instruction]ssa.CallInstruction{}, ahead: map[ssa.Instruction]ssa.Instruction{}, keeps: map[ssa.CallInstruction]bool{}}
	w.prepare()
	in := map[*ssa.BasicBlock]*stateSet{}
	start := state{custody: summary.Held}
	if root {
		start.custody = summary.None
	}
	entry := f.ssa.Blocks[0]
	in[entry] = &stateSet{}
	in[entry].add(start)
	type job struct {
		b *ssa.BasicBlock
		s state
	}
	work := []job{{entry, start}}
	for len(work) > 0 && !f.spend() {
		j := work[0]
		work = work[1:]
		for _, out := range w.block(j.b, j.s) {
			if out.to == nil {
				continue
			}
			s, ok := w.edge(j.b, out.to, out.s)
			if !ok {
				continue
			}
			set := in[out.to]
			if set == nil {
				set = &stateSet{}
				in[out.to] = set
			}
			if set.add(s) {
				work = append(work, job{out.to, s})
			}
		}
	}
	return w
}

type exitState struct {
	to *ssa.BasicBlock
	s  state
}

// prepare finds the values whose truth decides ways, and the loops over messages.
func (w *flow) prepare() {
	uses := map[int][]*ssa.BasicBlock{}
	var want func(v ssa.Value, b *ssa.BasicBlock)
	want = func(v ssa.Value, b *ssa.BasicBlock) {
		c := cellOf(v)
		if _, ok := c.v.(*ssa.Const); ok || c.v == nil {
			return
		}
		id, known := w.ids[c]
		if !known {
			id = len(w.cells)
			w.ids[c] = id
			w.cells = append(w.cells, c)
		}
		uses[id] = append(uses[id], b)
		if known {
			return
		}
		switch x := c.v.(type) {
		case *ssa.Phi:
			for i, e := range x.Edges {
				want(e, x.Block().Preds[i])
			}
		case *ssa.UnOp:
			if x.Op == token.NOT {
				want(x.X, b)
			}
			if a, ok := x.X.(*ssa.Alloc); ok && x.Op == token.MUL {
				want(a, x.Block())
				for _, r := range *a.Referrers() {
					if st, ok := r.(*ssa.Store); ok && st.Addr == a {
						want(st.Val, st.Block())
					}
				}
			}
		}
	}
	for _, b := range w.f.ssa.Blocks {
		for _, in := range b.Instrs {
			switch x := in.(type) {
			case *ssa.If:
				w.wantCond(x.Cond, b, want)
			case *ssa.Return:
				for _, r := range x.Results {
					want(r, b)
				}
			case *ssa.Call:
				if errorOnly(x.Call.Signature()) {
					if given := givenError(&x.Call); given != nil {
						want(given, b)
					}
				}
			case *ssa.Defer:
				w.defers = append(w.defers, x)
				if mc := closureOf(x.Call.Value); mc != nil {
					for _, v := range mc.Bindings {
						if a, ok := v.(*ssa.Alloc); ok && isBool(deref(a.Type())) {
							w.wantVariable(a, want)
						}
					}
				}
			case *ssa.IndexAddr:
				if l := w.f.loops.inner[b]; l != nil && w.f.isMessageList(x.X, x) {
					w.msgLoops[l] = true
				}
			}
		}
	}
	w.live = map[int]map[*ssa.BasicBlock]bool{}
	for id, blocks := range uses {
		m := map[*ssa.BasicBlock]bool{}
		work := slices.Clone(blocks)
		for len(work) > 0 {
			b := work[len(work)-1]
			work = work[:len(work)-1]
			if m[b] {
				continue
			}
			m[b] = true
			work = append(work, b.Preds...)
		}
		w.live[id] = m
	}
	for l := range w.msgLoops {
		if !w.settlesIn(l) {
			delete(w.msgLoops, l)
		}
	}
}

// wantVariable makes ways remember what a variable holds until the function returns.
func (w *flow) wantVariable(a *ssa.Alloc, want func(ssa.Value, *ssa.BasicBlock)) {
	for _, b := range w.f.ssa.Blocks {
		if _, ok := b.Instrs[len(b.Instrs)-1].(*ssa.Return); ok {
			want(a, b)
		}
	}
	for _, r := range *a.Referrers() {
		if st, ok := r.(*ssa.Store); ok && st.Addr == a {
			want(st.Val, st.Block())
		}
	}
}

func (w *flow) wantCond(cond ssa.Value, b *ssa.BasicBlock, want func(ssa.Value, *ssa.BasicBlock)) {
	switch x := cond.(type) {
	case *ssa.BinOp:
		want(x.X, b)
		want(x.Y, b)
	case *ssa.UnOp:
		if x.Op == token.NOT {
			w.wantCond(x.X, b, want)
			return
		}
		want(x, b)
	case *ssa.Call:
		want(x, b)
		for _, a := range x.Call.Args {
			if isError(a.Type()) {
				want(a, b)
			}
		}
	default:
		want(cond, b)
	}
}

// settlesIn reports whether some call in the loop settles.
func (w *flow) settlesIn(l *loop) bool {
	for b := range l.blocks {
		for _, in := range b.Instrs {
			if c, ok := in.(ssa.CallInstruction); ok && w.f.site(c).settles || w.collectsReceipt(in) && w.f.worksIn(l) {
				return true
			}
		}
	}
	return false
}

// isMessageList reports whether v is a slice of messages.
func (f *function) isMessageList(v ssa.Value, at ssa.Instruction) bool {
	el := element(v.Type())
	if el == v.Type() {
		return false
	}
	return f.engine.isCarrier(el) || f.plainList(v, at)
}

// edge carries a way over an edge: phis, loops over messages, facts that die.
func (w *flow) edge(from, to *ssa.BasicBlock, s state) (state, bool) {
	index := slices.Index(to.Preds, from)
	s.released = s.released || w.keepsMessage(to, index)
	for _, in := range to.Instrs {
		phi, ok := in.(*ssa.Phi)
		if !ok {
			break
		}
		if id, ok := w.ids[cell{phi, 0}]; ok && index >= 0 {
			s = s.learn(id, w.known(phi.Edges[index], &s))
		}
	}
	if l := w.f.loops.byHeader[to]; l != nil && l.blocks[from] && w.msgLoops[l] {
		// The next message of the batch: this one is settled, or left.
		if s.custody == summary.Held {
			w.leaves = append(w.leaves, leave{state: s, pos: w.leavePos(from, to, s)})
			w.left(l, s)
		}
		w.popped = w.popped || s.custody == summary.Settled && !s.worked
		s = state{custody: summary.Held}
	}
	if l := w.f.loops.byHeader[to]; l != nil && l.blocks[from] && s.custody == summary.Held {
		// Should the loop take another message now, this is where it left the last.
		if p := w.branch(from, to); p.IsValid() {
			s.last = w.f.engine.Pos(p)
		}
	}
	if l := w.f.loops.byHeader[to]; l != nil && l.blocks[from] && w.root && s.custody == summary.Held && !w.msgLoops[l] && opens(w.f, l) {
		// Back to where messages are received: this one is left.
		w.leaves = append(w.leaves, leave{state: s, pos: s.last})
		w.left(l, s)
		s = state{custody: summary.None}
	}
	for l := w.f.loops.inner[from]; l != nil; l = l.parent {
		if w.msgLoops[l] && !l.blocks[to] && from == l.header {
			s = state{custody: summary.None, facts: s.facts}
		} else if s.custody == summary.Held && from == l.header && !l.blocks[to] && w.settlesIn(l) {
			// A loop that settles was left: it went over what was gathered, or tried
			// until it could.
			s.released = true
		}
	}
	return s.forget(func(id int) bool { return w.live[id][to] }), true
}

// known is what a way knows of a value.
func (w *flow) known(v ssa.Value, s *state) summary.Known {
	switch x := v.(type) {
	case *ssa.Const:
		if x.Value == nil {
			return summary.Absent
		}
		if isBool(x.Type()) {
			if x.Value.String() == "true" {
				return summary.Present
			}
			return summary.Absent
		}
		return summary.Known("=" + x.Value.ExactString())
	case *ssa.MakeInterface:
		return summary.Present
	case *ssa.Alloc:
		if id, ok := w.ids[cell{x, 0}]; ok && !isPointerTo(x) {
			return s.know(id)
		}
		return summary.Present
	case *ssa.UnOp:
		if g, ok := x.X.(*ssa.Global); ok && isError(x.Type()) && w.f.engine.sentinel(g) {
			return summary.Present
		}
		if x.Op == token.NOT {
			switch w.known(x.X, s) {
			case summary.Present:
				return summary.Absent
			case summary.Absent:
				return summary.Present
			}
			return summary.Either
		}
	}
	if id, ok := w.ids[cellOf(v)]; ok {
		return s.know(id)
	}
	return summary.Either
}

// sentinel reports whether a package variable is an error that is set once, where it
// is declared.
func (e *Engine) sentinel(g *ssa.Global) bool {
	if g.Pkg != e.pkg {
		return true
	}
	if is, ok := e.sentinels[g]; ok {
		return is
	}
	e.sentinels[g] = true
	for _, f := range e.own {
		for _, b := range f.ssa.Blocks {
			for _, in := range b.Instrs {
				if st, ok := in.(*ssa.Store); ok && st.Addr == g && f.ssa.Synthetic == "" {
					e.sentinels[g] = false
				}
			}
		}
	}
	return e.sentinels[g]
}

// isPointerTo reports whether the allocation is used as a pointer value, not as a variable.
func isPointerTo(a *ssa.Alloc) bool { return a.Heap && a.Comment == "complit" || a.Comment == "new" }

// block runs a way through a block and returns where it goes on.
func (w *flow) block(b *ssa.BasicBlock, s state) []exitState {
	states := []state{s}
	for _, in := range b.Instrs {
		switch x := in.(type) {
		case *ssa.Phi:
		case *ssa.Call:
			states = w.call(x, states)
		case *ssa.Go:
			states = w.spawn(x, states)
		case *ssa.RunDefers:
			states = w.runDefers(b, states)
		case *ssa.Store:
			if a, ok := x.Addr.(*ssa.Alloc); ok {
				if id, ok := w.ids[cell{a, 0}]; ok {
					for i := range states {
						states[i] = states[i].learn(id, w.known(x.Val, &states[i]))
					}
				}
			}
		case *ssa.UnOp:
			states = w.load(x, states)
		case *ssa.Send:
			w.mark(x, states)
			states = w.handOff(x, states)
			if w.f.engine.isCarrier(x.X.Type()) {
				for i := range states {
					if states[i].custody == summary.Held {
						states[i].custody = summary.Handed
					}
				}
			}
		case *ssa.Select:
			w.mark(x, states)
			states = joined(states)
		case *ssa.Extract:
			if sel, ok := x.Tuple.(*ssa.Select); ok && x.Index >= 2 && w.f.engine.arrives(x.Type()) {
				_ = sel
				states = w.receive(x, states, false)
			}
		case *ssa.Return:
			for _, s := range states {
				l := leave{state: s, pos: w.returnPos(x, s), returns: true, at: x, cancelled: returnsCancellation(x)}
				for _, r := range x.Results {
					l.results = append(l.results, w.known(r, &s))
				}
				w.leaves = append(w.leaves, l)
				failed := s.failed || w.f.errorResult() && l.results[len(l.results)-1] == summary.Present
				w.succeeds[x] = w.succeeds[x] || !failed
				w.gives[x] = w.gives[x] || !failed && s.custody == summary.Held
				w.pops[x] = w.pops[x] || !failed && s.custody == summary.Settled && !s.worked
			}
			return nil
		case *ssa.If:
			var out []exitState
			for _, s := range states {
				for i, truth := range [...]bool{true, false} {
					if n, ok := w.refine(x.Cond, truth, s); ok {
						out = append(out, exitState{b.Succs[i], w.examined(n, x, i)})
					}
				}
			}
			return out
		}
	}
	var out []exitState
	for _, s := range states {
		for _, succ := range b.Succs {
			out = append(out, exitState{succ, s})
		}
	}
	return out
}

func (w *flow) mark(in ssa.Instruction, states []state) {
	for _, s := range states {
		switch s.custody {
		case summary.Held, summary.Handed:
			w.held[in] = true
		case summary.Settled:
			if _, known := w.late[in]; !known {
				w.late[in] = s.settled
			}
		}
	}
}

// load copies what is known of a variable, or takes a message from a channel.
func (w *flow) load(x *ssa.UnOp, states []state) []state {
	switch x.Op {
	case token.MUL:
		a, ok := x.X.(*ssa.Alloc)
		if !ok {
			return states
		}
		from, ok1 := w.ids[cell{a, 0}]
		to, ok2 := w.ids[cell{x, 0}]
		if ok1 && ok2 {
			for i := range states {
				states[i] = states[i].learn(to, states[i].know(from))
			}
		}
	case token.ARROW:
		w.mark(x, states)
		states = joined(states)
		if c, ok := x.X.Type().Underlying().(*types.Chan); ok && w.f.engine.arrives(c.Elem()) {
			return w.receive(x, states, x.CommaOk)
		}
	}
	return states
}

// receive takes a message out of a channel.
func (w *flow) receive(in ssa.Value, states []state, commaOk bool) []state {
	if !w.root {
		return states
	}
	var out []state
	for _, s := range states {
		if s.custody == summary.Held {
			w.leaves = append(w.leaves, leave{state: s, pos: s.last})
		}
		n := state{custody: summary.Held, facts: s.facts}
		id, ok := w.ids[cell{in, 1}]
		if commaOk && ok {
			gone := n.learn(id, summary.Absent)
			gone.custody = summary.None
			out = append(out, gone)
			n = n.learn(id, summary.Present)
		}
		out = append(out, n)
	}
	return out
}
