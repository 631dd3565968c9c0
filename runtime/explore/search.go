package explore

import (
	"math/rand/v2"
	"testing"
)

// explorer searches the schedules of one handler.
type explorer struct {
	t          *testing.T
	world      World
	handler    Handler
	fresh      fresh
	references map[string]*reference

	spare []*wiring // of schedules that are over

	played, operations int
	beyond             int // candidates with two and more faults, taken so far
	found              int // schedules played when the first harm was found
}

func newExplorer(t *testing.T, w World, h Handler) *explorer {
	return &explorer{
		t: t, world: w.withDefaults(), handler: h,
		fresh:      fresh{constant: map[string]bool{}},
		references: map[string]*reference{},
	}
}

// know makes what the messages say constant.
func (e *explorer) know() {
	for _, m := range e.world.Messages {
		e.fresh.know(m)
	}
}

// search plays schedules, the shortest first, until one does harm.
func (e *explorer) search() Result {
	e.know()
	all := make([]int, len(e.world.Messages))
	for i := range all {
		all[i] = i + 1
	}
	r := Result{}
	found, err := e.searchWith(all, &r)
	if err != nil {
		r.Err = err
		return r
	}
	if found == nil {
		return r
	}
	e.found = e.played
	r.Failure = e.fewer(found)
	return r
}

// fewer looks for a failure of the same kind, with no more faults, that needs fewer messages.
func (e *explorer) fewer(found *Failure) *Failure {
	all := found.Schedule.Messages
	limits := e.world.Limits
	defer func() { e.world.Limits = limits }()
	e.world.Limits.Faults = max(len(found.Schedule.Faults), -1)
	for size := 1; size <= 2 && size < len(all); size++ {
		for _, some := range subsets(len(e.world.Messages), size) {
			if faults := len(found.Schedule.Faults); faults > 0 && e.reference(some).broken != nil {
				continue // These messages alone are another story.
			}
			if e.world.Property != nil && !e.holds(some) {
				continue // It is told of messages that are missing here.
			}
			e.beyond = 0
			smaller, err := e.searchWith(some, &Result{})
			if err == nil && smaller != nil && smaller.Harm == found.Harm {
				return smaller
			}
		}
	}
	return found
}

// holds tells whether nothing is wrong with these messages, in any order, as long as nothing
// goes wrong.
func (e *explorer) holds(messages []int) bool {
	for _, order := range e.orders(messages) {
		_, f, err := e.try(Schedule{Messages: order, Workers: 1, world: len(e.world.Messages)})
		if f != nil || err != nil {
			return false
		}
	}
	return true
}

// subsets are the subsets of so many of the messages 1 to n.
func subsets(n, size int) [][]int {
	var all [][]int
	for m := 1; m <= n; m++ {
		if size == 1 {
			all = append(all, []int{m})
			continue
		}
		for _, rest := range subsets(n, size-1) {
			if rest[0] > m {
				all = append(all, append([]int{m}, rest...))
			}
		}
	}
	return all
}

// mostBases is how many orders of the messages faults are added to: all of three
// messages.
const mostBases = 6

// searchWith searches the schedules of these messages.
func (e *explorer) searchWith(messages []int, r *Result) (*Failure, error) {
	ref := e.reference(messages)
	if o := ref.broken; o != nil {
		if o.err != nil {
			return nil, o.err
		}
		return e.failure(o, e.judge(o)), nil
	}
	// No faults: every order, with one worker (where only a property can fail) and with two.
	var bases []*outcome
	for _, workers := range []int{1, 2} {
		if workers > e.world.Limits.Instances {
			break
		}
		for i, order := range e.orders(messages) {
			o, f, err := e.try(Schedule{Messages: order, Workers: workers, world: len(e.world.Messages)})
			r.Possible++
			if f != nil || err != nil {
				return f, err
			}
			if i < mostBases && (workers == 1 || o.shared()) {
				bases = append(bases, o)
			}
		}
	}
	level := bases
	for faults := 1; faults <= e.world.Limits.Faults; faults++ {
		next, f, err := e.searchLevel(level, faults, r)
		if f != nil || err != nil {
			return f, err
		}
		level = next
	}
	return nil, nil
}

// searchLevel plays the schedules that have one fault more than those of the level
// before.
func (e *explorer) searchLevel(before []*outcome, faults int, r *Result) ([]*outcome, *Failure, error) {
	// What is lost and who crashes comes first: such schedules are easier to follow than those
	// in which two workers are at work.
	var candidates, interleaved []Schedule
	for _, o := range before {
		for _, f := range faultsAt(o, e.world) {
			s := o.schedule.with(f)
			if s.interleaves() {
				interleaved = append(interleaved, s)
			} else {
				candidates = append(candidates, s)
			}
		}
	}
	candidates = append(candidates, interleaved...)
	r.Possible += len(candidates)
	if faults > 1 {
		budget := e.world.Limits.Schedules - e.beyond
		if faults < e.world.Limits.Faults {
			budget /= 2 // the rest is for those with more faults
		}
		candidates = e.choose(candidates, budget)
		e.beyond += len(candidates)
	}
	var level []*outcome
	for _, s := range candidates {
		o, f, err := e.try(s)
		if f != nil || err != nil {
			return nil, f, err
		}
		if !o.void && faults < e.world.Limits.Faults {
			level = append(level, o.slim())
		}
	}
	return level, nil, nil
}

// slim is o without what only its judgement needs.
func (o *outcome) slim() *outcome {
	for i := range o.steps {
		o.steps[i].body, o.steps[i].answer = nil, nil
	}
	return &outcome{schedule: o.schedule, steps: o.steps}
}

// choose takes n of the candidates, by the seed, in their order.
func (e *explorer) choose(candidates []Schedule, n int) []Schedule {
	if n <= 0 {
		return nil
	}
	if len(candidates) <= n {
		return candidates
	}
	random := rand.New(rand.NewPCG(e.world.Limits.Seed, uint64(len(candidates))))
	var chosen []Schedule
	for i, s := range candidates {
		// Selection sampling: each candidate with the probability needed over wanted.
		if random.IntN(len(candidates)-i) < n-len(chosen) {
			chosen = append(chosen, s)
		}
	}
	return chosen
}

// try plays a schedule and judges it.
func (e *explorer) try(s Schedule) (*outcome, *Failure, error) {
	o := e.bubble(s, 0)
	if o.err != nil {
		return nil, nil, o.err
	}
	if o.void {
		return o, nil, nil
	}
	if v := e.judge(o); v.harm != "" {
		return o, e.failure(o, v), nil
	}
	return o, nil, nil
}

// shared tells whether two workers have both done something: otherwise the schedules that
// follow are those of one worker.
func (o *outcome) shared() bool {
	first := 0
	for _, s := range o.steps {
		if s.event != "" || s.role == receive && len(s.messages) == 0 {
			continue
		}
		if first == 0 {
			first = s.instance
		}
		if s.instance != first {
			return true
		}
	}
	return false
}

// faultsAt are the faults that can be added to a schedule: at operations after its last
// one, of each kind that makes a difference there, and in this world.
func faultsAt(o *outcome, w World) []Fault {
	var all []Fault
	after := len(o.schedule.Faults)
	for _, s := range o.steps {
		if after > 0 {
			if s.fault != 0 {
				after--
			}
			continue
		}
		if s.event != "" {
			continue
		}
		for _, k := range s.kinds() {
			if !w.plays(k) {
				continue
			}
			all = append(all, Fault{Kind: k, Instance: s.instance, Operation: s.index, Message: s.letter(k)})
		}
	}
	return all
}

// plays tells whether faults of this kind make a difference in w: those that need a second
// instance only if there can be one.
func (w World) plays(k Kind) bool {
	switch k {
	case Overlap, Freeze:
		return w.Limits.Instances > 1
	case Busy:
		return w.Busy || w.Retry.MaxRetries > 0
	}
	return true
}

// kinds are the faults that make a difference at this operation.
func (s *step) kinds() []Kind {
	if s.fault != 0 {
		return nil // it is one already
	}
	nothing := s.role == receive && len(s.messages) == 0
	if nothing && s.index > 1 {
		return nil // waiting for messages
	}
	kinds := []Kind{LoseRequest}
	if s.role != read && !nothing {
		kinds = append(kinds, LoseAnswer)
	}
	// A crash between two operations is the same as one right after the first, unless
	// time has passed between them; and one right after an operation that changes nothing is
	// the same as one before it.
	if s.gap > again {
		kinds = append(kinds, CrashBefore)
	}
	if s.role != read && !nothing {
		kinds = append(kinds, CrashAfter)
	}
	if !nothing && s.role != effect {
		kinds = append(kinds, Busy)
	}
	if !nothing && !s.thawed {
		kinds = append(kinds, Stop)
	}
	if s.switches && s.index > 1 && !s.thawed {
		kinds = append(kinds, Overlap)
	}
	if s.holding && !s.thawed {
		kinds = append(kinds, Freeze)
	}
	return kinds
}

// letter is the message of the message loop that is lost by a fault of this kind.
func (s *step) letter(k Kind) byte {
	switch {
	case s.role == receive && k == LoseRequest:
		return 'A'
	case s.role == receive && k == LoseAnswer:
		return 'B'
	case s.role == settle && k == LoseRequest:
		return 'C'
	case s.role == settle && k == LoseAnswer:
		return 'D'
	}
	return 0
}
