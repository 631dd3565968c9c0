package engine

import (
	"golang.org/x/tools/go/ssa"

	"github.com/idemlint/idemlint/internal/value"
)

// timing finds the longest known time that a way holds the message.
type timing struct {
	f    *function
	w    *flow
	rank map[*ssa.BasicBlock]int
	// until is the longest time until an effect or a settle, exit until a return
	// without failure.
	until, exit *value.Value
	parallel    *value.Value
	// inner holds the time of one turn of each loop, times its turns.
	turns map[*loop]*value.Value
}

// times returns how long the function holds its caller (or its messages) up, how
// long until its last effect or settle, and how long the longest goroutine works
// that a message was handed to. Waits that nothing follows do no harm: who gave the
// message up may rest.
func (w *flow) times() (serial, until, parallel *value.Value) {
	t := &timing{f: w.f, w: w, turns: map[*loop]*value.Value{}}
	t.order()
	t.region(nil)
	return t.exit, t.until, t.parallel
}

// order ranks blocks in reverse postorder.
func (t *timing) order() {
	t.rank = map[*ssa.BasicBlock]int{}
	var post []*ssa.BasicBlock
	seen := map[*ssa.BasicBlock]bool{}
	var visit func(*ssa.BasicBlock)
	visit = func(b *ssa.BasicBlock) {
		seen[b] = true
		for _, s := range b.Succs {
			if !seen[s] {
				visit(s)
			}
		}
		post = append(post, b)
	}
	visit(t.f.ssa.Blocks[0])
	for i, b := range post {
		t.rank[b] = len(post) - i
	}
}

// spent is the time so far on a way; held tells whether a message is in hand.
type spent struct {
	time *value.Value
	held bool
}

// region computes the longest time through a loop's body (nil: the function),
// with the loops inside it taken as one step each.
func (t *timing) region(l *loop) *value.Value {
	e := t.f.engine
	header := t.f.ssa.Blocks[0]
	if l != nil {
		header = l.header
	}
	in := map[*ssa.BasicBlock]spent{header: {held: true}}
	if l == nil && t.w.root {
		in[header] = spent{}
	}
	var turn *value.Value
	blocks := make([]*ssa.BasicBlock, 0, len(t.rank))
	for b := range t.rank {
		if l == nil || l.blocks[b] {
			blocks = append(blocks, b)
		}
	}
	sortBy(blocks, func(b *ssa.BasicBlock) int { return t.rank[b] })
	for _, b := range blocks {
		s, ok := in[b]
		if !ok {
			continue
		}
		inner := t.f.loops.byHeader[b]
		if inner != nil && inner != l {
			s = t.through(inner, s)
		} else if t.f.loops.inner[b] != l {
			// A block of an inner loop: already counted with that loop.
			for _, succ := range b.Succs {
				if l == nil || l.blocks[succ] {
					pass(in, e, succ, s)
				}
			}
			continue
		} else {
			s = t.block(b, s)
		}
		if r, ok := b.Instrs[len(b.Instrs)-1].(*ssa.Return); ok && s.held && t.w.succeeds[r] {
			t.exit = e.larger(t.exit, s.time)
		}
		for _, succ := range b.Succs {
			switch {
			case l != nil && succ == l.header:
				turn = e.larger(turn, s.time)
			case l != nil && !l.blocks[succ]:
				turn = e.larger(turn, s.time)
			case t.rank[succ] > t.rank[b]:
				pass(in, e, succ, s)
			}
		}
	}
	return turn
}

func pass(in map[*ssa.BasicBlock]spent, e *Engine, to *ssa.BasicBlock, s spent) {
	o, ok := in[to]
	if !ok {
		in[to] = s
		return
	}
	in[to] = spent{time: e.larger(o.time, s.time), held: o.held || s.held}
}

// through takes a whole inner loop as one step.
func (t *timing) through(l *loop, s spent) spent {
	e := t.f.engine
	turn, ok := t.turns[l]
	if !ok {
		sub := *t
		sub.until, sub.exit = nil, nil
		one := sub.region(l)
		t.parallel = e.larger(t.parallel, sub.parallel)
		t.exit = e.larger(t.exit, e.sum(s.time, sub.exit))
		if opens(t.f, l) {
			// The loop receives: its turns are windows of their own.
			t.until = e.larger(t.until, sub.until)
		} else {
			// What a turn does until its settle counts like the rest of the turn.
			turn = t.times(l, e.larger(one, sub.until))
			t.until = e.larger(t.until, e.sum(s.time, t.times(l, sub.until)))
		}
		t.turns[l] = turn
	}
	if turn == nil {
		return s
	}
	return spent{time: e.sum(s.time, turn), held: true}
}

// opens reports whether a loop receives messages itself.
func opens(f *function, l *loop) bool {
	for b := range l.blocks {
		for _, in := range b.Instrs {
			if c, ok := in.(ssa.CallInstruction); ok && f.site(c).receives() {
				return true
			}
			if u, ok := in.(*ssa.UnOp); ok && u.Op.String() == "<-" && f.engine.arrives(element(u.X.Type())) {
				return true
			}
		}
	}
	return false
}

// times multiplies one turn by the loop's turns, where they are known.
func (t *timing) times(l *loop, one *value.Value) *value.Value {
	if one == nil {
		return nil
	}
	e := t.f.engine
	from, to, inclusive, ok := l.trips()
	if !ok {
		return one
	}
	at := l.header.Instrs[len(l.header.Instrs)-1]
	n := t.f.eval(to, at)
	if lenOf, ok := to.(*ssa.Call); ok && isLen(lenOf) {
		n = e.Table.Apply(opCount, t.f.eval(lenOf.Call.Args[0], lenOf))
	} else if start := t.f.eval(from, at); start.Kind == value.Const && start.Text != "0" && start.Text != "-1" {
		n = e.Table.Apply("-", n, start)
	}
	if inclusive {
		n = e.Table.Apply("+", n, e.Table.Int(1))
	}
	args := []*value.Value{one, n}
	// Deadlines made outside the loop are spent once.
	value.Walk(one, func(v *value.Value) bool {
		if v.Kind == value.Apply && v.Text == opUnder {
			if !t.madeIn(l, v.Args[0]) {
				args = append(args, v.Args[0])
			}
		}
		return true
	})
	return e.Table.Apply(opTurns, args...)
}

// opTurns is a time, a number of turns, and the contexts that all turns share.
const opTurns = "turns"

// madeIn reports whether the context's deadline is made inside the loop.
func (t *timing) madeIn(l *loop, ctx *value.Value) bool {
	d := deadlineIn(ctx)
	if d == nil {
		return false
	}
	if t.f.makes(d, func(c *ssa.Call) bool { return l.blocks[c.Block()] }) {
		return true
	}
	// A deadline of a callee is made anew at each call.
	return !t.f.makes(d, func(*ssa.Call) bool { return true })
}

// makes reports whether a call of the function that where accepts makes the deadline.
func (f *function) makes(d *value.Value, where func(*ssa.Call) bool) bool {
	for _, b := range f.ssa.Blocks {
		for _, in := range b.Instrs {
			if c, ok := in.(*ssa.Call); ok && where(c) {
				if s := f.site(c); len(s.results) > 0 && s.results[0] == d {
					return true
				}
			}
		}
	}
	return false
}

// block adds up the block's calls.
func (t *timing) block(b *ssa.BasicBlock, s spent) spent {
	e := t.f.engine
	for _, in := range b.Instrs {
		switch x := in.(type) {
		case *ssa.Call:
			site := t.f.site(x)
			if site.receives() {
				s = spent{held: t.w.root || s.held}
				continue
			}
			if !t.w.held[in] {
				if site.settles {
					s = spent{}
				}
				continue
			}
			s.held = true
			if site.spawns {
				t.spawned(site, s)
				continue
			}
			if site.parallel != nil {
				t.parallel = e.larger(t.parallel, e.sum(s.time, site.parallel))
			}
			t.until = e.larger(t.until, e.sum(s.time, t.bounded(site.until)))
			s.time = e.sum(s.time, t.bounded(site.serial))
			if site.model != nil && (site.settles || works(site.model.Role)) {
				t.until = e.larger(t.until, s.time)
			}
			if site.model != nil && site.settles {
				s = spent{}
			}
		case *ssa.Go:
			if t.w.held[in] {
				t.spawned(t.f.site(x), s)
			}
		case *ssa.UnOp:
			if x.Op.String() != "<-" {
				continue
			}
			if e.arrives(element(x.X.Type())) && t.w.root {
				s = spent{held: true}
				continue
			}
			if t.w.held[in] {
				s.time = e.sum(s.time, t.f.channelWait(x.X, x))
			}
		case *ssa.RunDefers:
			for _, d := range t.w.defers {
				if t.w.held[d] {
					site := t.f.site(d)
					t.until = e.larger(t.until, e.sum(s.time, site.until))
					s.time = e.sum(s.time, site.serial)
					if site.model != nil && site.settles {
						t.until = e.larger(t.until, s.time)
					}
				}
			}
		}
	}
	return s
}

// spawned is a goroutine that the message may have been handed to.
func (t *timing) spawned(site *site, s spent) {
	e := t.f.engine
	if site.settles || t.f.handsOver(site) {
		own := e.larger(t.bounded(site.until), site.parallel)
		t.parallel = e.larger(t.parallel, e.sum(s.time, own))
	}
}

// bounded takes out the deadlines that were set before the message was there.
func (t *timing) bounded(v *value.Value) *value.Value {
	if v == nil {
		return nil
	}
	e := t.f.engine
	return e.Table.Rewrite(v, map[*value.Value]*value.Value{}, func(_, is *value.Value) *value.Value {
		if is.Kind != value.Apply || is.Text != opUnder {
			return nil
		}
		d := deadlineIn(is.Args[0])
		if d == nil {
			return nil
		}
		if t.f.makes(d, func(c *ssa.Call) bool { return !t.w.held[c] }) {
			return is.Args[1]
		}
		return nil
	})
}

// channelWait is the time of a receive from time.After and its kin.
func (f *function) channelWait(ch ssa.Value, at ssa.Instruction) *value.Value {
	v := f.eval(ch, at)
	for v.Kind == value.Field {
		v = v.Args[0]
	}
	if v.Kind == value.Apply && v.Text == "ticker" {
		return v.Args[0]
	}
	return nil
}
