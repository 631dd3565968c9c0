package engine

import (
	"cmp"
	"go/token"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/tools/go/ssa"

	"github.com/idemlint/idemlint/internal/summary"
	"github.com/idemlint/idemlint/internal/value"
	"github.com/idemlint/idemlint/models"
)

func sortBy[T any](list []T, key func(T) int) {
	slices.SortStableFunc(list, func(a, b T) int { return cmp.Compare(key(a), key(b)) })
}

// analyse makes the function's summary anew and reports whether it changed.
func (f *function) analyse() bool {
	f.engine.resolved = 0
	f.reset()
	if len(f.ssa.Blocks) == 0 {
		return false
	}
	s := &summary.Summary{Name: f.name, Params: len(f.ssa.Params)}
	f.root = f.takesMessages()
	w := f.follow(f.root)
	f.flow = w
	var receives []summary.Effect
	for _, b := range f.ssa.Blocks {
		for _, in := range b.Instrs {
			switch x := in.(type) {
			case ssa.CallInstruction:
				f.gather(s, w, x, &receives)
			case *ssa.UnOp:
				f.gatherReceive(w, x, x.X, &receives)
			case *ssa.Extract:
				if sel, ok := x.Tuple.(*ssa.Select); ok && x.Index >= 2 {
					f.gatherSelect(w, x, sel, &receives)
				}
			}
		}
	}
	f.gatherSends(s, w)
	f.results(s, w)
	f.outs(s, w)
	s.Serial, s.Until, s.Parallel = w.times()
	if f.root {
		f.receives = receives
		s.Windows = append(s.Windows, f.ownWindow(s, receives)...)
		if !f.escapes {
			// Its windows are its own: callers see no message.
			s.Effects = nil
			s.Serial, s.Until, s.Parallel = nil, nil, nil
			s.Settles = false
			for i := range s.Outcomes {
				s.Outcomes[i] = summary.Outcome{Custody: summary.Held, Results: s.Outcomes[i].Results, Exit: s.Outcomes[i].Exit}
			}
		} else {
			for _, r := range receives {
				r.Escapes = true
				s.Effects = append(s.Effects, r)
			}
		}
	}
	if len(s.Effects) > maxEffects {
		s.Effects = s.Effects[:maxEffects]
	}
	changed := f.sum == nil || print(f.sum) != print(s)
	f.sum = s
	return changed
}

// takesMessages reports whether the function itself receives.
func (f *function) takesMessages() bool {
	for _, b := range f.ssa.Blocks {
		for _, in := range b.Instrs {
			switch x := in.(type) {
			case *ssa.Call:
				if f.site(x).receives() {
					return true
				}
			case *ssa.UnOp:
				if x.Op.String() == "<-" && f.engine.arrives(element(x.X.Type())) {
					return true
				}
			case *ssa.Extract:
				if _, ok := x.Tuple.(*ssa.Select); ok && x.Index >= 2 && f.engine.arrives(x.Type()) {
					return true
				}
			}
		}
	}
	return false
}

// gather adds a call's effects to the function's, as the ways through it allow.
func (f *function) gather(s *summary.Summary, w *flow, in ssa.CallInstruction, receives *[]summary.Effect) {
	e := f.engine
	site := f.site(in)
	s.Settles = s.Settles || site.settles
	s.Windows = append(s.Windows, site.windows...)
	task := uint64(0)
	if _, ok := in.(*ssa.Go); ok || site.spawns {
		task = e.instanceAt(in.Pos(), "go")
	}
	l := f.loops.inner[in.Block()]
	inBatch := false
	for o := l; o != nil; o = o.parent {
		inBatch = inBatch || f.overBatch(o)
	}
	guards := f.guards(in.Block())
	opens := f.root && site.receives()
	for _, x := range site.effects {
		if x.Role == models.Receive {
			x.Escapes = false
			*receives = append(*receives, x)
			continue
		}
		x.Held = (x.Held || len(x.Chain) == 0) && (w.held[in] || opens)
		if at, late := w.late[in]; late {
			if !x.Late {
				x.LateAfter = f.settleOf(at)
			}
			x.Late = true
		}
		if task != 0 && x.Task == 0 {
			x.Task = task
		}
		if at := w.failures[in]; at != nil && x.Role == models.Settle && !x.FailedAt.Valid() {
			x.Failed, x.FailedAt = f.fault(at)
		}
		if at := w.ahead[in]; at != nil && x.Role == models.Settle && !x.AheadAt.Valid() {
			x.AheadAt = e.Pos(at.Pos())
		}
		x.InBatch = x.InBatch || inBatch && task == 0
		x.Looping = x.Looping || l != nil
		e.hangOn(&x, guards)
		if x.Role == models.Write {
			e.hangOn(&x, f.perhaps(x.Slots[summary.Content], guards))
		}
		if !x.Held && !x.Late && f.root {
			continue
		}
		s.Effects = append(s.Effects, x)
	}
}

// overBatch reports whether the loop goes through a list of messages one after another.
func (f *function) overBatch(l *loop) bool {
	for b := range l.blocks {
		if f.loops.inner[b] != l {
			continue
		}
		for _, in := range b.Instrs {
			if x, ok := in.(*ssa.IndexAddr); ok && f.isMessageList(x.X, x) {
				return true
			}
		}
	}
	return false
}

func (f *function) gatherReceive(w *flow, x *ssa.UnOp, ch ssa.Value, receives *[]summary.Effect) {
	if x.Op.String() != "<-" {
		return
	}
	if f.engine.arrives(element(ch.Type())) {
		*receives = append(*receives, f.channelReceive(f.eval(ch, x), x))
	}
}

func (f *function) gatherSelect(w *flow, x *ssa.Extract, sel *ssa.Select, receives *[]summary.Effect) {
	if !f.engine.arrives(x.Type()) {
		return
	}
	n := 2
	for _, st := range sel.States {
		if st.Send != nil {
			continue
		}
		if n == x.Index {
			eff := f.channelReceive(f.eval(st.Chan, sel), sel)
			eff.Pos = f.engine.Pos(st.Pos)
			*receives = append(*receives, eff)
		}
		n++
	}
}

// channelReceive is a message taken from a channel: received elsewhere, so that
// its lease already runs.
func (f *function) channelReceive(ch *value.Value, in ssa.Instruction) summary.Effect {
	x := summary.Effect{Role: models.Receive, Func: "<-", Inst: f.engine.instanceAt(in.Pos(), "<-"), Pos: f.engine.Pos(in.Pos())}
	x.Slots[summary.Key] = ch
	if m := f.engine.subscribed(ch); m != nil {
		x.Func = m.Func
		x.Slots[summary.Client] = ch
	}
	return x
}

// Park is the role of a message put into a channel while its lease runs.
const Park models.Role = 202

// gatherSends notes messages that are put into channels.
func (f *function) gatherSends(s *summary.Summary, w *flow) {
	e := f.engine
	park := func(ch, v ssa.Value, in ssa.Instruction, at summary.Pos) {
		if !e.isCarrier(v.Type()) {
			return
		}
		x := summary.Effect{Role: Park, Func: "chan<-", Inst: e.instanceAt(in.Pos(), "chan<-"), Pos: at, Held: w.held[in]}
		x.Slots[summary.Key] = f.eval(ch, in)
		if x.Held {
			s.Effects = append(s.Effects, x)
		}
	}
	for _, b := range f.ssa.Blocks {
		for _, in := range b.Instrs {
			switch x := in.(type) {
			case *ssa.Send:
				park(x.Chan, x.X, x, e.Pos(x.Pos()))
			case *ssa.Select:
				for _, st := range x.States {
					if st.Send != nil {
						park(st.Chan, st.Send, x, e.Pos(st.Pos))
					}
				}
			}
		}
	}
}

// results joins what the function's returns return, and keeps its ways of ending.
func (f *function) results(s *summary.Summary, w *flow) {
	e := f.engine
	n := f.ssa.Signature.Results().Len()
	s.Results = make([]*value.Value, n)
	for _, b := range f.ssa.Blocks {
		r, ok := b.Instrs[len(b.Instrs)-1].(*ssa.Return)
		if !ok {
			continue
		}
		for i, x := range r.Results {
			if f.errorResult() && i < n-1 && !w.succeeds[r] {
				continue // beside an error the other results mean nothing
			}
			v := f.eval(x, r)
			if u, ok := x.(*ssa.UnOp); ok && u.Op == token.MUL && u.Block() == b {
				// In "return v, f(&v)" the compiler reads v after the call.
				v = f.snapshot(locate(u.X), r)
			}
			if isVerdict(x) || f.engine.isSentinel(x) {
				v = f.verdict(f.guards(b), v)
			}
			s.Results[i] = e.joined(s.Results[i], f.guarded(v))
		}
	}
	for i, v := range s.Results {
		if v == nil {
			s.Results[i] = e.Table.Unknown()
		}
	}
	seen := map[string]bool{}
	for _, l := range w.leaves {
		if !l.returns {
			continue
		}
		o := summary.Outcome{
			Custody: l.state.custody, Worked: l.state.worked, Failed: l.state.failed, Already: l.state.already,
			Released: l.state.released || l.state.decided || l.state.chosen && l.state.custody == summary.Settled, Results: l.results, When: l.state.when, Exit: l.pos, Blame: l.state.blame,
		}
		if f.errorResult() && n > 0 && l.results[n-1] == summary.Present {
			o.Failed = true
		} else if o.Custody == summary.Held && !l.cancelled && (!f.errorResult() || l.results[n-1] == summary.Absent) {
			o.Swallowed = l.state.swallowed()
		}
		o.Ahead = l.state.ahead != nil
		if f.root && w.popped && o.Custody == summary.None && !o.Failed {
			o.Custody = summary.Settled // what it returns was settled already
		}
		if s.Settles && o.Custody == summary.Held && (o.Worked || o.Already) && !o.Failed && !o.Blame.Valid() {
			o.Blame = o.Exit
		}
		if k := outcomeKey(o); !seen[k] {
			seen[k] = true
			s.Outcomes = append(s.Outcomes, o)
		}
	}
}

func (f *function) errorResult() bool {
	res := f.ssa.Signature.Results()
	return res.Len() > 0 && isError(res.At(res.Len()-1).Type())
}

func outcomeKey(o summary.Outcome) string {
	var b strings.Builder
	b.WriteString(strconv.Itoa(int(o.Custody)))
	for _, x := range [...]bool{o.Worked, o.Failed, o.Already, o.Released, o.Blame.Valid(), o.Swallowed, o.Ahead} {
		b.WriteString(strconv.FormatBool(x)[:1])
	}
	for _, r := range o.Results {
		b.WriteString("," + string(r))
	}
	for _, c := range o.When {
		b.WriteString("?" + strconv.Itoa(c.Free) + string(c.Is))
	}
	return b.String()
}

// outs are the changes to what parameters and captured variables point to, as the
// returns without failure leave them.
func (f *function) outs(s *summary.Summary, w *flow) {
	var rets []*ssa.Return
	for _, b := range f.ssa.Blocks {
		if r, ok := b.Instrs[len(b.Instrs)-1].(*ssa.Return); ok && (w.succeeds[r] || len(w.succeeds) == 0) {
			rets = append(rets, r)
		}
	}
	for i, p := range f.ssa.Params {
		if refers(p.Type()) {
			f.out(s, rets, i, p)
		}
	}
	for i, v := range f.ssa.FreeVars {
		f.out(s, rets, len(f.ssa.Params)+i, v)
	}
}

func (f *function) out(s *summary.Summary, rets []*ssa.Return, index int, root ssa.Value) {
	if len(f.defs[root]) == 0 || len(rets) == 0 {
		return
	}
	before := f.initial(place{root: root}, rets[0])
	fields := map[string]*value.Value{}
	var whole *value.Value
	for _, r := range rets {
		after := f.guarded(f.snapshot(place{root: root}, r))
		if after == before || after.Kind == value.Loop {
			continue
		}
		if after.Kind == value.Struct && len(after.Names) > 0 && after.Names[0] == "" && after.Args[0] == before {
			for i, n := range after.Names[1:] {
				fields[n] = f.engine.joined(fields[n], after.Args[i+1])
			}
			continue
		}
		whole = f.engine.joined(whole, after)
	}
	if whole != nil {
		s.Outs = append(s.Outs, summary.Out{Param: index, Value: whole})
	}
	for _, n := range sortedKeys(fields) {
		s.Outs = append(s.Outs, summary.Out{Param: index, Path: []string{n}, Value: fields[n]})
	}
}

// print is a fingerprint for the fixpoint.
func print(s *summary.Summary) string {
	var b strings.Builder
	for _, r := range s.Results {
		b.WriteString(strconv.FormatUint(hash(r), 36) + ";")
	}
	for _, o := range s.Outs {
		b.WriteString(strconv.Itoa(o.Param) + strings.Join(o.Path, ".") + strconv.FormatUint(hash(o.Value), 36) + ";")
	}
	for i := range s.Effects {
		x := &s.Effects[i]
		b.WriteString(x.Key())
		for _, v := range x.Slots {
			b.WriteString(strconv.FormatUint(hash(v), 36))
		}
		b.WriteString(strconv.FormatBool(x.Held) + strconv.FormatBool(x.Late) + x.FailedAt.String() + x.AheadAt.String())
	}
	for _, o := range s.Outcomes {
		b.WriteString(outcomeKey(o) + ";")
	}
	b.WriteString(strconv.FormatUint(hash(s.Serial), 36) + strconv.FormatUint(hash(s.Until), 36) + strconv.FormatUint(hash(s.Parallel), 36) + strconv.FormatBool(s.Settles))
	for _, w := range s.Windows {
		b.WriteString(w.Func + strconv.Itoa(len(w.Effects)))
	}
	return b.String()
}

func hash(v *value.Value) uint64 {
	if v == nil {
		return 0
	}
	return v.Hash()
}
