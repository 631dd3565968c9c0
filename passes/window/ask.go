package window

import (
	"fmt"
	"go/token"
	"slices"
	"strings"
	"time"

	"github.com/idemlint/idemlint/internal/engine"
	"github.com/idemlint/idemlint/internal/finding"
	"github.com/idemlint/idemlint/internal/summary"
	"github.com/idemlint/idemlint/internal/value"
	"github.com/idemlint/idemlint/models"
)

// Window is one window and the questions that checks ask of it.
type Window struct {
	engine.Window
	result *Result
}

// Effect is one thing that happens in a window.
type Effect struct {
	summary.Effect
	Model *models.Call
	// Order is its place in the code's order.
	Order int
}

// Source is what a value comes from.
type Source uint8

const (
	// Constant and configuration are the same in every window of a process.
	Config Source = iota
	// FromMessage is the same on each delivery of a message.
	FromMessage
	// FromDelivery differs with each delivery: receipt, count, times.
	FromDelivery
	// FromStore was read from a store.
	FromStore
	// FromFresh differs at each attempt.
	FromFresh
	// FromUnknown is all the rest.
	FromUnknown
)

// Held lists the effects that can happen before the message is settled and that
// are this package's to judge.
func (w *Window) Held() []*Effect {
	if w.Shadowed {
		return nil
	}
	return slices.DeleteFunc(w.All(), func(x *Effect) bool {
		return w.Foreign && w.KnownThere(&x.Effect) || w.result.engine.JudgedThere(&x.Effect)
	})
}

// All lists the effects that can happen before the message is settled, those too
// that another package judges.
func (w *Window) All() []*Effect {
	var list []*Effect
	for i, x := range w.Effects {
		if !x.Held {
			continue
		}
		e := &Effect{Effect: x, Model: w.result.index.Call(x.Func), Order: i}
		w.commit(e)
		list = append(list, e)
	}
	return list
}

// commit gives a write that makes staged parts visible the parts' content.
func (w *Window) commit(x *Effect) {
	if x.Model == nil || x.Model.Commits == "" {
		return
	}
	var parts []*value.Value
	for _, y := range w.Effects {
		if m := w.result.index.Call(y.Func); y.Role == models.Stage && m != nil && m.Relative && !x.Model.Relative && staged(x, &y) {
			relative := *x.Model
			relative.Relative = true
			x.Model = &relative
		}
		if x.Model.Commits == "recv" && y.Role == models.Stage && y.Slots[summary.Content] != nil && value.Contains(y.Slots[summary.Key], x.Slots[summary.Key]) {
			parts = append(parts, y.Slots[summary.Content])
		}
	}
	if len(parts) > 0 {
		x.Slots[summary.Content] = w.result.engine.Table.Union(parts...)
	}
}

// staged reports whether a commit makes visible what another call prepared.
func staged(commit *Effect, part *summary.Effect) bool {
	content := part.Slots[summary.Content]
	return content != nil && content.Kind != value.Nil && value.Contains(commit.Slots[summary.Content], content)
}

// Find is the effect of a source's instance, or nil.
func (w *Window) Find(inst uint64) *Effect {
	for i, x := range w.Effects {
		if x.Inst == inst {
			return &Effect{Effect: x, Model: w.result.index.Call(x.Func), Order: i}
		}
	}
	return nil
}

// System is the queue's name.
func (w *Window) System() string {
	if m := w.result.index.Call(w.Receive.Func); m != nil && m.System != "" {
		return m.System
	}
	if c := w.Receive.Slots[summary.Client]; c != nil && c.Kind == value.Apply {
		if m := w.result.index.Call(c.Text); m != nil && m.Said {
			return m.System // a handler, by a directive
		}
	}
	if v := w.Receive.Slots[summary.Message]; v != nil {
		if m := w.result.index.Message(strings.TrimPrefix(v.Text, "*")); m != nil {
			return m.System
		}
	}
	for _, x := range w.Effects {
		if m := w.result.index.Call(x.Func); m != nil && m.Role == models.Settle {
			return m.System
		}
	}
	return "queue"
}

// volatile reports whether what is received is kept for nobody: nothing comes twice, and
// nothing is settled.
func (w *Window) volatile() bool {
	no := false
	value.Walk(w.Receive.Slots[summary.Client], func(v *value.Value) bool {
		if v.Kind != value.Apply || no {
			return !no
		}
		m := w.result.index.Call(v.Text)
		if m == nil {
			return true
		}
		if m.Alone != "" {
			group := w.result.engine.Argument(v, m.Alone)
			no = group != nil && (group.Kind == value.Nil || group.Kind == value.Const && group.Text == "")
		}
		no = no || m.Volatile
		return !no
	})
	return no
}

// AutoSettles reports whether the receive settles at once.
func (w *Window) AutoSettles() bool {
	auto := false
	if m := w.result.index.Call(w.Receive.Func); m != nil && m.Pops {
		return true
	}
	value.Walk(w.Receive.Slots[summary.Client], func(v *value.Value) bool {
		if v.Kind == value.Apply {
			if m := w.result.index.Call(v.Text); m != nil && m.Mode != "" && m.AutoSettle != "" {
				if mode := w.result.engine.Argument(v, m.Mode); mode != nil && mode.Kind == value.Const && mode.Text == m.AutoSettle {
					auto = true
				}
			}
		}
		return !auto
	})
	return auto
}

// Sources lists what a value depends on, with the value each source was found at.
func (w *Window) Sources(v *value.Value) map[Source][]*value.Value {
	found := map[Source][]*value.Value{}
	add := func(s Source, x *value.Value) {
		if !slices.Contains(found[s], x) {
			found[s] = append(found[s], x)
		}
	}
	seen := map[*value.Value]bool{}
	var walk func(*value.Value)
	walk = func(x *value.Value) {
		if x == nil || seen[x] {
			return
		}
		seen[x] = true
		if s, ok := w.message(x); ok {
			add(s, x)
			return
		}
		switch x.Kind {
		case value.Read, value.Written:
			add(FromStore, x)
			return
		case value.Fresh:
			add(FromFresh, x)
			return
		case value.Renewed:
			add(FromDelivery, x)
			return
		case value.Global:
			add(Config, x)
			return
		case value.Field:
			if configured(x) {
				add(Config, x)
				return
			}
		case value.Param:
			if x.Text == "context.Context" {
				return
			}
			if !w.Opens() && (w.Foreign || x.Index > 0 || !strings.Contains(x.Text, ".")) {
				add(FromUnknown, x)
			} else {
				add(Config, x)
			}
			return
		case value.Free, value.Dyn, value.Unknown:
			add(FromUnknown, x)
			return
		case value.Mix:
			if len(x.Args) == 0 {
				add(FromUnknown, x)
			}
		case value.Apply:
			if m := w.result.index.Call(x.Text); m != nil && m.Role == models.External {
				add(FromUnknown, x)
				return
			} else if m != nil && m.Role == models.Local {
				add(FromUnknown, x)
			}
		}
		for _, a := range x.Args {
			walk(a)
		}
	}
	walk(v)
	return found
}

// Opens reports whether the window opens in a function of this package that
// receives itself: what that function was given was there before the message.
func (w *Window) Opens() bool { return !w.Foreign && w.Receive.Func != "handler" }

// configured reports whether a value is a field of the receiver: set when the
// worker was made, the same for all its messages.
func configured(v *value.Value) bool {
	for v.Kind == value.Field || v.Kind == value.Boxed {
		v = v.Args[0]
	}
	return v.Kind == value.Param && v.Index == 0 || v.Kind == value.Global
}

// message tells whether x is (part of) the received message.
func (w *Window) message(x *value.Value) (Source, bool) {
	v := x
	last := ""
	for {
		switch v.Kind {
		case value.Field:
			if last == "" {
				last = v.Text
			}
			v = v.Args[0]
			continue
		case value.Elem, value.Boxed:
			v = v.Args[0]
			continue
		case value.Received, value.Message:
			if w.result.delivery[last] {
				return FromDelivery, true
			}
			return FromMessage, true
		case value.Param:
			if w.result.engine.IsCarrier(strings.TrimPrefix(v.Text, "*")) {
				if w.result.delivery[last] {
					return FromDelivery, true
				}
				return FromMessage, true
			}
		}
		return 0, false
	}
}

// Lease is how long a received message stays hidden, where it is known.
func (w *Window) Lease() (d time.Duration, said string, ok bool) {
	v := w.Receive.Slots[summary.Lease]
	if w.Receive.Func == "<-" {
		v = w.result.parkedLease()
	}
	if v == nil {
		return 0, "unknown", false
	}
	r := value.Number(v)
	if !r.Known || r.Max <= 0 {
		return 0, "unknown", false
	}
	return time.Duration(r.Max), time.Duration(r.Max).String(), true
}

// MaxLease is the longest lease that the service grants, 0 where it is not known.
func (w *Window) MaxLease() time.Duration {
	if m := w.result.index.Call(w.Receive.Func); m != nil {
		return m.Lease.Max
	}
	return 0
}

// Leased reports whether the queue hides what it has given for some time, known or not,
// and shows it again. Kafka and RabbitMQ do not.
func (w *Window) Leased() bool {
	if m := w.result.index.Call(w.Receive.Func); m != nil && m.Lease != (models.Quantity{}) {
		return true
	}
	return w.result.index.Leases(w.System())
}

// parkedLease is the lease of messages that come out of a channel: that of the
// package's receives, where all have the same.
func (r *Result) parkedLease() *value.Value {
	var found *value.Value
	for _, w := range r.Windows {
		v := w.Receive.Slots[summary.Lease]
		if w.Receive.Func == "<-" || v == nil {
			continue
		}
		if found != nil && found != v {
			return nil
		}
		found = v
	}
	return found
}

// Batch is how many messages one receive may bring; 1 where it is not known.
func (w *Window) Batch() float64 {
	return engine.Batch(w.Receive)
}

// SeveralAtOnce reports whether the size of a receive is given by something that is
// not known here: configuration, a parameter.
func (w *Window) SeveralAtOnce() bool {
	v := w.Receive.Slots[summary.Batch]
	return v != nil && v.Kind != value.Nil && !value.Number(v).Partly && v.Kind != value.Const
}

// Time is what is known of a duration in the window.
func (w *Window) Time(v *value.Value) engine.Time { return w.result.engine.Time(v, w.Batch()) }

// Place is where the effect is reached from the window, in this package.
//
// What became known only by wiring an implementation to the window's interface is
// placed at the wiring.
func (w *Window) Place(x *Effect) token.Pos {
	if w.Foreign && x.Via != "" && !w.result.Local(x.Pos) {
		if p, ok := w.result.engine.Wiring(x.Via); ok {
			return w.result.Pos(p)
		}
	}
	for i := len(x.Chain); i >= 0; i-- {
		p := x.Pos
		if i < len(x.Chain) {
			p = x.Chain[i]
		}
		if w.result.Local(p) {
			if pos := w.result.Pos(p); pos.IsValid() {
				return pos
			}
		}
	}
	return w.result.Pos(w.Receive.Place())
}

// At is the position of a place.
func (w *Window) At(p summary.Pos) token.Pos { return w.result.Pos(p) }

// Related is an effect as a place that takes part, with the calls that lead to it.
func (w *Window) Related(x *Effect, what string) []finding.Related {
	var list []finding.Related
	for _, p := range x.Chain {
		if pos := w.result.Pos(p); pos.IsValid() {
			list = append(list, finding.Related{Pos: pos, Message: "calls on the way to: " + what})
		}
	}
	if pos := w.result.Pos(x.Pos); pos.IsValid() {
		list = append(list, finding.Related{Pos: pos, Message: what})
	}
	return list
}

// Opening is the receive as a place that takes part.
func (w *Window) Opening() []finding.Related {
	pos := w.result.Pos(w.Receive.Pos)
	if !pos.IsValid() {
		return nil
	}
	return []finding.Related{{Pos: pos, Message: fmt.Sprintf("the message is received here (%s)", w.System())}}
}

// Settling lists the window's settles as places that take part.
func (w *Window) Settling() []finding.Related {
	for i := range w.Effects {
		if x := &w.Effects[i]; x.Role == models.Settle {
			if pos := w.result.Pos(x.Pos); pos.IsValid() {
				return []finding.Related{{Pos: pos, Message: "the message is settled here"}}
			}
		}
	}
	return nil
}

// Name is the call's short name: "UploadBuffer".
func Name(fn string) string {
	if i := strings.LastIndexByte(fn, '.'); i >= 0 {
		return fn[i+1:]
	}
	return fn
}
