package engine

import (
	"cmp"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/tools/go/ssa"

	"github.com/idemlint/idemlint/internal/summary"
)

// maxStates bounds the ways that are told apart at one block.
const maxStates = 96

// cell is an SSA value, or one result of a call, of which a way knows something.
type cell struct {
	v ssa.Value
	i int
}

func cellOf(v ssa.Value) cell {
	switch x := v.(type) {
	case *ssa.Extract:
		return cell{x.Tuple, x.Index}
	case *ssa.ChangeInterface:
		return cellOf(x.X)
	case *ssa.ChangeType:
		return cellOf(x.X)
	}
	return cell{v, 0}
}

type fact struct {
	id int
	is summary.Known
}

// state is what one way to a point has done with the message.
type state struct {
	custody                           summary.Custody
	worked, failed, already, released bool
	// decided: the way was chosen by a value that the caller gave.
	decided bool
	// chosen: it was chosen by a variable that the function shares with its parent.
	chosen bool
	// when is what captured variables held where the way asked them.
	when []summary.Captured
	// vague: facts were dropped, so that the way may be none.
	vague bool
	// faults is work that failed and was not made good; ahead is work that was started
	// elsewhere and not waited for.
	faults []fault
	ahead  ssa.Instruction
	// settled is the call that settled.
	settled ssa.CallInstruction
	facts   []fact
	// last is the newest effect; blame the exit of a callee that left the message.
	last, blame summary.Pos
}

func (s *state) key() string {
	var b strings.Builder
	b.WriteByte('0' + byte(s.custody))
	for _, f := range [...]bool{s.worked, s.failed, s.already, s.released, s.decided, s.chosen, s.vague} {
		if f {
			b.WriteByte('1')
		} else {
			b.WriteByte('0')
		}
	}
	for _, c := range s.when {
		b.WriteString("?" + strconv.Itoa(c.Free) + string(c.Is))
	}
	for _, x := range s.faults {
		b.WriteString("!" + strconv.Itoa(int(x.at.Pos())))
		if x.arm != nil {
			b.WriteString("@" + strconv.Itoa(x.arm.Index))
		}
	}
	if s.ahead != nil {
		b.WriteString(">" + strconv.Itoa(int(s.ahead.Pos())))
	}
	for _, f := range s.facts {
		b.WriteString("," + strconv.Itoa(f.id) + string(f.is))
	}
	return b.String()
}

func (s *state) know(id int) summary.Known {
	for _, f := range s.facts {
		if f.id == id {
			return f.is
		}
	}
	return summary.Either
}

// learn returns the state with the fact set (or dropped, for Either).
func (s state) learn(id int, is summary.Known) state {
	facts := make([]fact, 0, len(s.facts)+1)
	for _, f := range s.facts {
		if f.id != id {
			facts = append(facts, f)
		}
	}
	if is != summary.Either {
		facts = append(facts, fact{id, is})
		slices.SortFunc(facts, func(a, b fact) int { return cmp.Compare(a.id, b.id) })
	}
	s.facts = facts
	return s
}

// forget keeps only the facts that keep accepts.
func (s state) forget(keep func(id int) bool) state {
	var facts []fact
	for _, f := range s.facts {
		if keep(f.id) {
			facts = append(facts, f)
		}
	}
	s.facts = facts
	return s
}

// stateSet are the ways told apart at one point, in the order they were found.
type stateSet struct {
	seen map[string]bool
	list []state
}

// add reports whether the way is new.
func (t *stateSet) add(s state) bool {
	if t.seen == nil {
		t.seen = map[string]bool{}
	}
	if len(t.list) >= maxStates {
		s.facts, s.vague = nil, true
	}
	k := s.key()
	if t.seen[k] || len(t.list) >= 2*maxStates {
		return false
	}
	t.seen[k] = true
	t.list = append(t.list, s)
	return true
}
