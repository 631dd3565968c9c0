package explore

import (
	"fmt"
	"math/rand/v2"
	"regexp"
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
	// Lost: a message is settled, but nothing of its work is there.
	Lost Harm = "lost"
	// Stuck: a message is never settled.
	Stuck Harm = "liveness"
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

// reference is what exactly-once executions reach with some of the messages.
type reference struct {
	states []reached
	set    map[string]bool // of all their keys
	order  *outcome        // the execution in the messages' own order
	broken *outcome        // the first execution that does harm by itself
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
		return r
	}
	r := &reference{set: map[string]bool{}}
	e.references[id] = r
	var pairs [][2]*outcome
	for _, order := range e.orders(sorted) {
		s := Schedule{Messages: order, Workers: 1, world: len(e.world.Messages)}
		first := e.bubble(s, 0)
		if first.harm != "" || first.err != nil {
			r.broken = first
			return r
		}
		if r.order == nil {
			r.order = first
		}
		pairs = append(pairs, [2]*outcome{first, e.bubble(s, secondStart)})
	}
	for _, p := range pairs {
		e.fresh.learn(p[0].maskedLines(), p[1].maskedLines())
	}
	for _, p := range pairs {
		e.fresh.learnPlaces(e.fresh.canonical(p[0]).lines, e.fresh.canonical(p[1]).lines)
	}
	for _, p := range pairs {
		for _, o := range p {
			c := e.fresh.canonical(o)
			r.set[c.key()] = true
			r.states = append(r.states, reached{canonical: c, order: o.schedule.Messages})
		}
	}
	return r
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
	text, stored := difference(c, r)
	if stored {
		return verdict{harm: Changed, text: text}
	}
	return verdict{harm: Repeated, text: text}
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

// difference describes how a state differs from the nearest of the reference, and whether
// in what is stored (not only in requests and messages). Fresh values are not told apart,
// unless the difference is in them.
func difference(c canonical, r *reference) (text string, stored bool) {
	var more, less []string
	lines := anonymous(c.lines)
	for i, s := range r.states {
		others := anonymous(s.lines)
		m, l := without(lines, others), without(others, lines)
		if i == 0 || len(m)+len(l) < len(more)+len(less) {
			more, less = m, l
		}
	}
	if len(more)+len(less) == 0 {
		return "a fresh value is not the same where it must be:\n" + strings.Join(linesWithID(c.lines), "\n"), true
	}
	var parts []string
	for _, l := range slices.Compact(more) {
		name, value := cutLine(l)
		stored = stored || isStored(name)
		others := valuesOf(r, name)
		switch n, most := count(lines, l), countMost(r, l); {
		case len(others) == 0:
			parts = append(parts, fmt.Sprintf("%s %s: in no exactly-once execution", name, value))
		case most > 0:
			parts = append(parts, fmt.Sprintf("%s %s: %d of it; exactly-once executions reach %d", name, value, n, most))
		default:
			parts = append(parts, fmt.Sprintf("%s %s; exactly-once executions reach %s", name, value, strings.Join(others, " or ")))
		}
	}
	for _, l := range slices.Compact(less) {
		name, value := cutLine(l)
		stored = stored || isStored(name)
		if !slices.ContainsFunc(more, func(m string) bool { return strings.HasPrefix(m, name+": ") }) {
			parts = append(parts, fmt.Sprintf("%s missing; exactly-once executions reach %s", name, value))
		}
	}
	return strings.Join(parts, "\n"), stored
}

var ids = regexp.MustCompile(`<id\d+>`)

// anonymous are canonical lines in which fresh values are not told apart.
func anonymous(lines []string) []string {
	var all []string
	for _, l := range lines {
		all = append(all, ids.ReplaceAllString(l, "<id>"))
	}
	slices.Sort(all)
	return all
}

func linesWithID(lines []string) []string {
	return slices.DeleteFunc(slices.Clone(lines), func(l string) bool { return !ids.MatchString(l) })
}

// isStored tells blobs and rows from messages and requests.
func isStored(name string) bool {
	return strings.HasPrefix(name, "blob ") || strings.HasPrefix(name, "row ")
}

// cutLine splits a canonical line into name and value. Names of blobs can have the
// separator in them, but then both parts are only shown.
func cutLine(l string) (name, value string) {
	name, value, _ = strings.Cut(l, ": ")
	return name, value
}

// count is how often a line is there.
func count(lines []string, line string) int {
	n := 0
	for _, l := range lines {
		if l == line {
			n++
		}
	}
	return n
}

// countMost is how often it is there at most in a state of the reference.
func countMost(r *reference, line string) int {
	most := 0
	for _, s := range r.states {
		most = max(most, count(anonymous(s.lines), line))
	}
	return most
}

// valuesOf are the values that a line has in exactly-once executions.
func valuesOf(r *reference, name string) []string {
	var all []string
	for _, s := range r.states {
		for _, l := range anonymous(s.lines) {
			if n, value := cutLine(l); n == name && !slices.Contains(all, value) {
				all = append(all, value)
			}
		}
	}
	slices.Sort(all)
	return all
}
