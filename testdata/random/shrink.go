package random

import (
	"maps"
	"reflect"
	"slices"
)

// move makes a plan simpler in one way.
type move struct {
	// step is the ID of the step that it changes, -1 for the worker around the steps.
	step int
	// fields go back to zero; none means that the step is dropped.
	fields []string
	// spelling is a choice that is spelled in the simplest way.
	spelling string
}

// moves are all ways in which a plan can be made simpler, the largest first.
func (p Plan) moves() []move {
	var list []move
	if len(p.Steps) > 1 {
		for _, s := range p.Steps {
			list = append(list, move{step: s.ID})
		}
	}
	list = append(list, p.bundles()...)
	list = append(list, single(-1, reflect.ValueOf(p))...)
	for _, tag := range slices.Sorted(maps.Keys(p.Spelling)) {
		list = append(list, move{spelling: tag})
	}
	for _, s := range p.Steps {
		list = append(list, single(s.ID, reflect.ValueOf(s))...)
	}
	return list
}

// bundles clear what mostly does not matter, together.
func (p Plan) bundles() []move {
	var list []move
	bundle := func(step int, v reflect.Value, names ...string) {
		var set []string
		for _, n := range names {
			if !v.FieldByName(n).IsZero() {
				set = append(set, n)
			}
		}
		if len(set) > 1 {
			list = append(list, move{step: step, fields: set})
		}
	}
	bundle(-1, reflect.ValueOf(p), "Lease", "Batch", "Forever", "Methods", "Layout", "Renew", "DeleteError", "GiveUp", "QueueID", "Fetch", "Ack", "Container", "Spelling")
	for _, s := range p.Steps {
		bundle(s.ID, reflect.ValueOf(s), "Place", "Via", "OnError", "Large", "Stamp", "Retries")
	}
	return list
}

// leaps are moves to begin with, together: one step alone, in line or as it is, and in a
// simple worker or in the one that it has.
func (p Plan) leaps() [][]move {
	var list [][]move
	bundles := p.bundles()
	if len(bundles) > 1 {
		list = append(list, bundles)
	}
	for _, s := range p.Steps {
		var others, own, worker []move
		for _, o := range p.Steps {
			if o.ID != s.ID {
				others = append(others, move{step: o.ID})
			}
		}
		for _, b := range bundles {
			switch b.step {
			case s.ID:
				own = append(own, b)
			case -1:
				worker = append(worker, b)
			}
		}
		list = append(list, slices.Concat(others, own, worker), slices.Concat(others, worker), slices.Concat(others, own))
	}
	return list
}

func single(step int, v reflect.Value) []move {
	var list []move
	for i := range v.NumField() {
		switch name := v.Type().Field(i).Name; name {
		case "ID", "Theme", "Steps":
		default:
			if !v.Field(i).IsZero() {
				list = append(list, move{step: step, fields: []string{name}})
			}
		}
	}
	return list
}

// after is the plan after these moves.
func (p Plan) after(moves ...move) Plan {
	p.Steps = slices.Clone(p.Steps)
	for _, m := range moves {
		if m.spelling != "" {
			p.Spelling = maps.Clone(p.Spelling)
			delete(p.Spelling, m.spelling)
			continue
		}
		if m.fields == nil {
			if len(p.Steps) > 1 {
				p.Steps = slices.DeleteFunc(p.Steps, func(s Step) bool { return s.ID == m.step })
			}
			continue
		}
		if m.step < 0 {
			clearFields(reflect.ValueOf(&p).Elem(), m.fields)
			continue
		}
		for i := range p.Steps {
			if p.Steps[i].ID == m.step {
				clearFields(reflect.ValueOf(&p.Steps[i]).Elem(), m.fields)
			}
		}
	}
	return p.normal()
}

func clearFields(v reflect.Value, names []string) {
	for _, n := range names {
		v.FieldByName(n).SetZero()
	}
}

// weight is how much there is to a plan: shrinking only goes down.
func (p Plan) weight() int {
	return 1000*len(p.Steps) + 100*len(p.Features()) + len(p.explicit().Spelling)
}

// still tells whether a case shows the disagreement.
func (d Disagreement) still(c Case) bool {
	if c.Verdict.Err != "" || c.Verdict.Schedules == 0 {
		return false
	}
	if !d.Miss {
		return c.Reported(d.Check) && !c.Verdict.Breaks()
	}
	if len(c.Reports) > 0 || !c.Verdict.Breaks() {
		return false
	}
	suspects := c.Plan.Suspects()
	if d.Check == nobody {
		return len(suspects) == 0
	}
	return slices.Equal(suspects, []string{d.Check})
}

// ask asks whether a plan shows the disagreement.
func (d Disagreement) ask(p Plan) Question {
	return Question{Plan: p, Worlds: p.Worlds(), If: func(c Case) bool {
		if d.Miss {
			return len(c.Reports) == 0
		}
		return c.Reported(d.Check)
	}}
}

// mostRounds bounds how often all candidates are played.
const mostRounds = 12

// Shrink makes each disagreement as small as its moves allow. All candidates of all
// disagreements are played together, since each round compiles them.
func Shrink(list []Disagreement, again Player) error {
	for i := range list {
		list[i].Small = list[i].Case
		list[i].Small.Plan = list[i].Plan.explicit()
	}
	type try struct {
		of    int
		moves []move
	}
	open := make([]bool, len(list))
	worked := make([][]move, len(list)) // moves that worked alone, to be tried together
	for i := range open {
		open[i] = true
	}
	for round := range mostRounds {
		var tries []try
		var questions []Question
		for i, d := range list {
			if !open[i] {
				continue
			}
			p := d.Small.Plan
			var sets [][]move
			if round == 0 {
				sets = p.leaps()
			} else if n := len(worked[i]); n > 1 {
				sets = append(sets, worked[i], worked[i][:(n+1)/2], worked[i][(n+1)/2:], worked[i][:1])
			} else {
				for _, m := range p.moves() {
					sets = append(sets, []move{m})
				}
			}
			for _, set := range sets {
				if next := p.after(set...); next.weight() < p.weight() && next.last() >= 0 {
					tries = append(tries, try{i, set})
					questions = append(questions, d.ask(next))
				}
			}
		}
		if len(questions) == 0 {
			if round == 0 {
				continue
			}
			return nil
		}
		cases, err := again(questions)
		if err != nil {
			return err
		}
		better := make([][]Case, len(list))
		alone := make([][]move, len(list))
		for k, t := range tries {
			if d := list[t.of]; d.still(cases[k]) {
				better[t.of] = append(better[t.of], cases[k])
				alone[t.of] = append(alone[t.of], t.moves...)
			}
		}
		for i := range list {
			if !open[i] {
				continue
			}
			was := worked[i]
			worked[i] = nil
			switch {
			case round == 0 && len(better[i]) == 0:
			case len(better[i]) == 0:
				open[i] = len(was) > 1 // together they did not work: once more one by one
			case round > 0 && len(was) <= 1 && len(better[i]) > 1:
				worked[i] = alone[i]
			default:
				list[i].Small = slices.MinFunc(better[i], func(a, b Case) int { return a.Plan.weight() - b.Plan.weight() })
			}
		}
	}
	return nil
}
