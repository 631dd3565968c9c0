package explore

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"time"
)

// Harm is what a schedule does to a handler's work.
type Harm string

// The kinds of harm.
const (
	// Changed: the final state is one that no exactly-once execution reaches.
	Changed Harm = "state"
	// Repeated: so are the requests sent and the messages put; the stored state is right.
	Repeated Harm = "effect"
	// Seen: World.Reader saw what no exactly-once execution shows him; the final state is
	// right, and so are requests and messages.
	Seen Harm = "reader"
	// Lost: a message is settled, but nothing of its work is there.
	Lost Harm = "lost"
	// Stuck: a message is never settled.
	Stuck Harm = "liveness"
	// Twice: a message was received twice, though nothing went wrong; see World.Once.
	Twice Harm = "twice"
	// Panic of the handler.
	Panic Harm = "panic"
	// Leak: goroutines are left behind.
	Leak Harm = "leak"
	// Endless: the schedule does not come to an end.
	Endless Harm = "endless"
	// Broken: World.Property does not hold.
	Broken Harm = "property"
)

// mostOrders bounds how many orders of the messages are played, 5! of them.
const mostOrders = 120

// secondStart is how much later the second execution of each order begins, from which
// fresh values are known. It is none that a program adds to the clock by chance.
const secondStart = 83*time.Minute + 45*time.Second + 678_901_234*time.Nanosecond

// otherReceipts is how many receipts the second execution is ahead: more than are given in any.
const otherReceipts = 1 << 40

// reference is what exactly-once executions reach with some of the messages.
type reference struct {
	states []reached
	set    map[string]bool // of all their keys
	broken *outcome        // the first execution that does harm by itself

	played  []*outcome
	version int // of what was known of fresh values when states were made of them
}

// reached is a final state, and an order of the messages that leads to it.
type reached struct {
	canonical
	order []int
}

// reference plays the exactly-once executions of these messages, once.
func (e *explorer) reference(messages []int) *reference {
	sorted := slices.Clone(messages)
	slices.Sort(sorted)
	id := fmt.Sprint(sorted)
	if r := e.references[id]; r != nil {
		if r.version != e.fresh.version { // Something was learned since.
			e.canonicalise(r)
		}
		return r
	}
	r := &reference{}
	e.references[id] = r
	var seconds []*outcome
	for _, order := range e.orders(sorted) {
		first := e.inTurn(order, 0)
		if first.harm != "" || first.err != nil {
			r.broken = first
			return r
		}
		r.played = append(r.played, first)
		seconds = append(seconds, e.inTurn(order, secondStart))
	}
	for i, first := range r.played {
		e.fresh.learn(first.maskedLines(), seconds[i].maskedLines())
	}
	for i, first := range r.played {
		e.fresh.learnPlaces(e.fresh.canonical(first).lines, e.fresh.canonical(seconds[i]).lines)
	}
	e.learnCounts(r.played)
	r.played = append(r.played, seconds...)
	e.canonicalise(r)
	return r
}

// learnCounts compares these executions with those whose first deliveries are lost: not at
// all of them, if already the first one is not different.
func (e *explorer) learnCounts(firsts []*outcome) {
	for i, first := range firsts {
		if len(first.schedule.Messages) == 0 || i == mostBases {
			return
		}
		second := e.secondDeliveries(first.schedule.Messages)
		if second.harm != "" || second.err != nil {
			return
		}
		a, b := e.fresh.canonical(first).lines, e.fresh.canonical(second).lines
		if i == 0 && slices.Equal(a, b) {
			return
		}
		e.fresh.learnCounts(a, b)
	}
}

// canonicalise makes the states of r comparable, by what is known of fresh values now.
func (e *explorer) canonicalise(r *reference) {
	r.version, r.states, r.set = e.fresh.version, nil, map[string]bool{}
	for _, o := range r.played {
		c := e.fresh.canonical(o)
		r.set[c.key()] = true
		r.states = append(r.states, reached{canonical: c, order: o.schedule.Messages})
	}
}

// orders are the orders of messages, their own first; of more than five messages not all.
func (e *explorer) orders(messages []int) [][]int {
	if len(messages) <= 5 {
		return permutations(messages)
	}
	random := rand.New(rand.NewPCG(e.world.Limits.Seed, uint64(len(messages))))
	all := [][]int{messages}
	for len(all) < mostOrders {
		order := slices.Clone(messages)
		random.Shuffle(len(order), func(i, j int) { order[i], order[j] = order[j], order[i] })
		all = append(all, order)
	}
	return all
}

func permutations(messages []int) [][]int {
	if len(messages) <= 1 {
		return [][]int{slices.Clone(messages)}
	}
	var all [][]int
	for i, m := range messages {
		rest := slices.Delete(slices.Clone(messages), i, i+1)
		for _, p := range permutations(rest) {
			all = append(all, append([]int{m}, p...))
		}
	}
	return all
}

// verdict is what harm a schedule did, "" if none. Its detail is not our own words, and
// fresh values in it are not named yet.
type verdict struct {
	harm         Harm
	text, detail string
}

// judge tells what harm a schedule did.
func (e *explorer) judge(o *outcome) verdict {
	if o.harm != "" {
		v := o.verdict
		if o.lastError != "" && o.harm == Stuck {
			v.text, v.detail = v.text+"; the handler's last error: ", o.lastError
		}
		return v
	}
	if e.world.Property != nil {
		if err := e.world.Property(o.state); err != nil {
			return verdict{harm: Broken, detail: err.Error()}
		}
		return verdict{}
	}
	r := e.reference(o.schedule.Messages).after(o.precedence())
	c := e.fresh.canonical(o)
	if r.set[c.key()] || e.parked(o, c) {
		return verdict{}
	}
	c = e.fresh.named(o, e.fresh.seen(o))
	if text := e.lost(o, c, r); text != "" {
		return verdict{harm: Lost, text: text}
	}
	text, harm := difference(c, r)
	return verdict{harm: harm, text: text}
}

// parked tells whether o is right but for messages that went to the poison queue. They are
// settled, whether or not their work was done before.
func (e *explorer) parked(o *outcome, c canonical) bool {
	var handled, poisoned []int
	for _, m := range o.schedule.Messages {
		body := e.world.Messages[m-1]
		if slices.ContainsFunc(o.state.Poison, func(p string) bool { return strings.Contains(p, body) }) {
			poisoned = append(poisoned, m)
		} else {
			handled = append(handled, m)
		}
	}
	if len(poisoned) == 0 {
		return false
	}
	rest := withoutPoison(c.lines)
	for some := range 1 << len(poisoned) {
		messages := slices.Clone(handled)
		for i, m := range poisoned {
			if some&(1<<i) != 0 {
				messages = append(messages, m)
			}
		}
		r := e.reference(messages)
		if r.broken == nil && slices.ContainsFunc(r.states, func(s reached) bool { return slices.Equal(withoutPoison(s.lines), rest) }) {
			return true
		}
	}
	return false
}

func withoutPoison(lines []string) []string {
	return slices.DeleteFunc(slices.Clone(lines), func(l string) bool { return strings.HasPrefix(l, "poison: ") })
}

// lost describes which messages' work is missing, if the state is one that the others
// alone would reach.
func (e *explorer) lost(o *outcome, c canonical, r *reference) string {
	n := len(o.schedule.Messages)
	if n > 5 {
		return ""
	}
	for gone := 1; gone < 1<<n; gone++ {
		var kept []int
		var names []string
		worked := false
		for i, m := range o.schedule.Messages {
			if gone&(1<<i) == 0 {
				kept = append(kept, m)
			} else {
				names = append(names, label(m))
				worked = worked || o.wroteFor(m)
			}
		}
		if worked { // and others have undone it
			continue
		}
		if part := e.reference(kept); part.broken == nil && part.set[c.key()] {
			text, _ := difference(c, r)
			return strings.Join(names, ", ") + " settled, its work not done: " + text
		}
	}
	return ""
}

// wroteFor tells whether anything was written for a message.
func (o *outcome) wroteFor(message int) bool {
	for _, w := range o.writes {
		for who := range w.first {
			if slices.Contains(strings.Split(who, "+"), label(message)) {
				return true
			}
		}
	}
	return false
}
