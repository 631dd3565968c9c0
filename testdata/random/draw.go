package random

import "math/rand/v2"

// Draw makes the plan with this number. Most have no fault or one: where several do harm,
// nobody can tell whose report was right.
func Draw(seed uint64, number int) Plan {
	// Neighbouring seeds begin with much the same numbers, so each plan has one far away.
	mix := rand.New(rand.NewPCG(seed, uint64(number)))
	for range 16 {
		mix.Uint64()
	}
	r := rand.New(rand.NewPCG(mix.Uint64(), mix.Uint64()))
	faults := weighted(r, 38, 47, 15)
	var p Plan
	for range 400 {
		p = draw(r).normal()
		if p.last() < 0 {
			continue
		}
		if found := len(p.Faults()); found == faults || faults == 2 && found > 2 {
			break
		}
	}
	p.Theme = number
	return p
}

// weighted draws a number from 0 on, each as often as its weight says.
func weighted(r *rand.Rand, weights ...int) int {
	sum := 0
	for _, w := range weights {
		sum += w
	}
	n := r.IntN(sum)
	for i, w := range weights {
		if n < w {
			return i
		}
		n -= w
	}
	panic("unreachable")
}

// often draws one of the words, the first ones more often.
func often(r *rand.Rand, first int, others ...string) string {
	n := r.IntN(first + len(others))
	if n < first {
		return ""
	}
	return others[n-first]
}

func draw(r *rand.Rand) Plan {
	p := Plan{
		Style:   1 + r.Uint64N(1<<32),
		Lease:   []int{0, 30, 120, 120, 60}[r.IntN(5)],
		Forever: r.IntN(3) == 0,
		Methods: r.IntN(2) == 0,
		Layout:  []string{"", "handle", "work"}[r.IntN(3)],
		Delete:  often(r, 12, "deferred", "first", "onerror", "forgotten", "arms", "arms"),
	}
	p.GiveUp, p.QueueID = r.IntN(8) == 0, r.IntN(6) == 0
	p.Fetch, p.Ack, p.Container = r.IntN(5) == 0, r.IntN(5) == 0, r.IntN(4) == 0
	p.DeleteError = often(r, 4, "log", "drop")
	if r.IntN(3) == 0 {
		p.Batch = []int{2, 3, 4, 16}[r.IntN(4)]
	}
	p.Renew = r.IntN(12) == 0
	for id := range 1 + weighted(r, 40, 35, 18, 7) {
		p.Steps = append(p.Steps, drawStep(r, id, p.lease()))
	}
	return p
}

func drawStep(r *rand.Rand, id, lease int) Step {
	s := Step{
		ID:       id,
		Kind:     []string{"", "create", "change", "send", "wait", "look", "line"}[weighted(r, 31, 14, 42, 2, 6, 3, 2)],
		Row:      r.IntN(3) == 0,
		Key:      []string{"", "group", "single", "fresh"}[weighted(r, 40, 30, 20, 10)],
		Content:  often(r, 6, "text", "digest", "stamp", "stamp", "expiry", "random", "mixed", "beat"),
		Change:   often(r, 4, "add", "count", "set", "append", "include", "include", "entry", "entry", "tally", "grow", "chain"),
		Guard:    often(r, 8, "applied", "applied", "applied", "seen", "seen", "seen", "older", "older", "older", "tx", "after", "exists"),
		Match:    []string{"", "none", "wildcard", "other"}[weighted(r, 70, 20, 8, 2)],
		Retries:  []int{0, 2, 4, 9}[weighted(r, 60, 15, 15, 10)],
		Absent:   r.IntN(2) == 0,
		Conflict: often(r, 3, "error", "done"),
		Stamp:    r.IntN(4) == 0,
		Place:    []string{"", "closure", "func", "deep", "wg", "go"}[weighted(r, 38, 8, 32, 17, 4, 1)],
		Via:      []string{"", "funcs", "generic", "iface", "swap"}[weighted(r, 45, 20, 12, 15, 8)],
		OnError:  []string{"", "log", "drop", "retry", "retrylog"}[weighted(r, 80, 6, 3, 8, 3)],
		Large:    r.IntN(10) == 0,
	}
	if r.IntN(40) == 0 {
		s.Guard = "before"
	}
	s.Seconds = []int{1, 5, 10, 20, lease + 5, lease * 2}[r.IntN(6)]
	return s
}
