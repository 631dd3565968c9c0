package explore

import (
	"slices"
	"time"
)

// precedence tells which messages were done before others came: pairs of message
// numbers. An old message whose work is done, and is done again after a newer one, must
// not count as handled after the newer one: that it once was before it everyone could see.
//
// A message is done when a worker goes on to its delete, whether or not the delete
// arrives. It has come when a worker has received it for the first time.
func (o *outcome) precedence() [][2]int {
	came, done := map[int]time.Duration{}, map[int]time.Duration{}
	type attempt struct {
		settled []int
		last    time.Duration // its last operation
	}
	attempts := map[int]*attempt{}
	end := func(a *attempt) {
		if a == nil {
			return
		}
		for _, m := range a.settled {
			if at, ok := done[m]; !ok || a.last < at {
				done[m] = a.last
			}
		}
	}
	for i := range o.steps {
		s := &o.steps[i]
		if s.event != "" {
			continue
		}
		if s.role == receive && len(s.messages) > 0 && s.fault == 0 {
			end(attempts[s.instance])
			attempts[s.instance] = &attempt{}
			for _, m := range s.messages {
				if _, ok := came[m.message]; !ok {
					came[m.message] = s.at
				}
			}
		}
		a := attempts[s.instance]
		if a == nil || s.role == receive {
			continue
		}
		if s.role == settle {
			a.settled = append(a.settled, s.messages[0].message)
		}
		a.last = s.at
	}
	for _, a := range attempts {
		end(a)
	}
	var pairs [][2]int
	for m, at := range done {
		for other, since := range came {
			if m != other && at < since {
				pairs = append(pairs, [2]int{m, other})
			}
		}
	}
	return pairs
}

// after is the part of the reference whose orders of the messages heed these pairs: all of
// it, if none does.
func (r *reference) after(pairs [][2]int) *reference {
	if len(pairs) == 0 {
		return r
	}
	part := &reference{set: map[string]bool{}, broken: r.broken}
	for _, s := range r.states {
		if s.heeds(pairs) {
			part.set[s.key()] = true
			part.states = append(part.states, s)
		}
	}
	if len(part.states) == 0 {
		return r
	}
	return part
}

func (s reached) heeds(pairs [][2]int) bool {
	for _, p := range pairs {
		first, second := slices.Index(s.order, p[0]), slices.Index(s.order, p[1])
		if first >= 0 && second >= 0 && first > second {
			return false
		}
	}
	return true
}
