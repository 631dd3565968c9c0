package random

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"text/tabwriter"
)

// Reported tells whether a check reports something in a case.
func (c Case) Reported(check string) bool {
	return slices.ContainsFunc(c.Reports, func(r Report) bool { return r.Check == check })
}

// Checks that report something in a case, each once.
func (c Case) Checks() []string {
	var list []string
	for _, r := range c.Reports {
		if !slices.Contains(list, r.Check) {
			list = append(list, r.Check)
		}
	}
	return list
}

// Suspects are the checks and concepts of a plan's faults, each once.
func (p Plan) Suspects() []string {
	var list []string
	for _, f := range p.Faults() {
		if !slices.Contains(list, f.Check) {
			list = append(list, f.Check)
		}
	}
	return list
}

// nobody stands for harm that no choice of the plan explains.
const nobody = "nobody"

// Row is one check's part of the confusion matrix.
type Row struct {
	Right  int // reported & breaks, and a choice of the plan is to blame that the check ought to report
	Beside int // reported & breaks, but by another choice
	False  int // reported & survives
	Missed int // no check reports & breaks, and this one ought to have
	Quiet  int // this check is silent & survives
}

// Matrix holds the linter's word against exploration.
type Matrix struct {
	Handlers, Schedules int
	Breaks, Reported    int
	Rows                map[string]*Row
	// Beyond is how often harm is nobody's task yet, by concept.
	Beyond map[string]int
}

// Disagreement is a handler about which the linter and exploration do not agree.
type Disagreement struct {
	Case
	// Check reports a handler that survives, or ought to report one that breaks.
	Check string
	Miss  bool
	// Small is the handler after shrinking.
	Small Case
}

// Kind is the disagreement in two words.
func (d Disagreement) Kind() string {
	if d.Miss {
		return "miss of " + d.Check
	}
	return "false alarm of " + d.Check
}

// Key names the disagreement by the shape of its small handler.
func (d Disagreement) Key() string { return d.Kind() + ": " + d.Small.Plan.Shape() }

// Player plays plans: Play, but for tests of what is made of it.
type Player func(plans []Plan, close bool) ([]Case, error)

// Judge counts the cases. What looks like a disagreement is played once more: in closer
// worlds, and without the choices that others are to blame for.
func Judge(cases []Case, checks []string, again Player) (*Matrix, []Disagreement, error) {
	m := &Matrix{Handlers: len(cases), Rows: map[string]*Row{}, Beyond: map[string]int{}}
	for _, c := range checks {
		m.Rows[c] = &Row{}
	}
	var doubts []doubt
	for _, c := range cases {
		m.Schedules += c.Verdict.Schedules
		if len(c.Reports) > 0 {
			m.Reported++
		}
		suspects := c.Plan.Suspects()
		if !c.Verdict.Breaks() {
			if len(c.Reports) > 0 { // perhaps it breaks in another world
				doubts = append(doubts, doubt{c, "", c.Plan, true})
			}
			continue
		}
		for _, check := range c.Checks() {
			if !slices.Contains(suspects, check) { // is it right there, or is another right?
				doubts = append(doubts, doubt{c, check, c.Plan.Only(check), true})
			}
		}
		if len(c.Reports) == 0 && len(suspects) > 1 {
			for _, s := range suspects {
				if slices.Contains(checks, s) {
					doubts = append(doubts, doubt{c, s, c.Plan.Only(s), false})
				}
			}
		}
	}
	answers, err := settle(doubts, again)
	if err != nil {
		return nil, nil, err
	}
	var all []Disagreement
	for _, c := range cases {
		all = append(all, m.count(c, checks, answers)...)
	}
	return m, all, nil
}

// doubt is a question that a second look answers: does this plan, made of the case for the
// check, break?
type doubt struct {
	of    Case
	check string // "" for the plan as it is
	plan  Plan
	close bool
}

// answers are the cases of doubts by the case's code and the check.
type answers map[[2]string]Case

func settle(doubts []doubt, again Player) (answers, error) {
	all := answers{}
	for _, close := range []bool{true, false} {
		var plans []Plan
		var of []doubt
		for _, d := range doubts {
			if d.close == close {
				plans, of = append(plans, d.plan), append(of, d)
			}
		}
		if len(plans) == 0 {
			continue
		}
		cases, err := again(plans, close)
		if err != nil {
			return nil, err
		}
		for i, d := range of {
			all[[2]string{d.of.Code, d.check}] = cases[i]
		}
	}
	return all, nil
}

// count puts a case into the matrix.
func (m *Matrix) count(c Case, checks []string, second answers) []Disagreement {
	var all []Disagreement
	if closer, ok := second[[2]string{c.Code, ""}]; ok && closer.Verdict.Breaks() {
		c.Verdict = closer.Verdict
	}
	breaks := c.Verdict.Breaks()
	if breaks {
		m.Breaks++
	}
	suspects := c.Plan.Suspects()
	for _, check := range checks {
		row := m.Rows[check]
		switch {
		case !c.Reported(check):
			if !breaks {
				row.Quiet++
			}
		case !breaks:
			row.False++
			all = append(all, Disagreement{Case: c, Check: check})
		case slices.Contains(suspects, check):
			row.Right++
		default:
			alone, ok := second[[2]string{c.Code, check}]
			if ok && alone.Reported(check) && !alone.Verdict.Breaks() {
				row.False++
				all = append(all, Disagreement{Case: alone, Check: check})
			} else {
				row.Beside++
			}
		}
	}
	if !breaks || len(c.Reports) > 0 {
		return all
	}
	blamed := m.blame(c, suspects, checks, second)
	if row := m.Rows[blamed]; row != nil {
		row.Missed++
		missed := c
		if alone, ok := second[[2]string{c.Code, blamed}]; ok {
			missed = alone
		}
		return append(all, Disagreement{Case: missed, Check: blamed, Miss: true})
	}
	m.Beyond[blamed]++
	if blamed == nobody {
		all = append(all, Disagreement{Case: c, Check: nobody, Miss: true})
	}
	return all
}

// blame tells who ought to have reported a case that breaks while all are silent.
func (m *Matrix) blame(c Case, suspects, checks []string, second answers) string {
	var beyond string
	for _, s := range suspects {
		if !slices.Contains(checks, s) {
			if beyond == "" {
				beyond = s
			}
			continue
		}
		if len(suspects) == 1 {
			return s
		}
		if alone, ok := second[[2]string{c.Code, s}]; ok && alone.Verdict.Breaks() && len(alone.Reports) == 0 {
			return s
		}
	}
	if beyond == "" {
		return nobody
	}
	return beyond
}

// String is the matrix as a table.
func (m *Matrix) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%d handlers, %d schedules; %d break, %d are reported\n", m.Handlers, m.Schedules, m.Breaks, m.Reported)
	t := tabwriter.NewWriter(&b, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(t, "check\treported & breaks\tbreaks by another choice\treported & survives\tsilent & breaks\tsilent & survives\t")
	sum := Row{}
	for _, check := range slices.Sorted(maps.Keys(m.Rows)) {
		r := m.Rows[check]
		fmt.Fprintf(t, "%s\t%d\t%d\t%d\t%d\t%d\t\n", check, r.Right, r.Beside, r.False, r.Missed, r.Quiet)
		sum.Right, sum.Beside, sum.False, sum.Missed = sum.Right+r.Right, sum.Beside+r.Beside, sum.False+r.False, sum.Missed+r.Missed
	}
	fmt.Fprintf(t, "all\t%d\t%d\t%d\t%d\t\t\n", sum.Right, sum.Beside, sum.False, sum.Missed)
	t.Flush()
	t = tabwriter.NewWriter(&b, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "silent & breaks, and no check's task")
	for _, concept := range slices.Sorted(maps.Keys(m.Beyond)) {
		fmt.Fprintf(t, "  %s\t%d\t%s\n", concept, m.Beyond[concept], concepts[concept])
	}
	t.Flush()
	return b.String()
}
