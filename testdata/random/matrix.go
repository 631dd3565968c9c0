package random

import (
	"fmt"
	"iter"
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

// Suspects are the checks and concepts of a plan's faults, each once. Those that do harm
// only together with others come last.
func (p Plan) Suspects() []string {
	var list []string
	faults := p.Faults()
	slices.SortStableFunc(faults, func(a, b Fault) int {
		switch {
		case a.Beside == b.Beside:
			return 0
		case a.Beside:
			return 1
		}
		return -1
	})
	for _, f := range faults {
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
func (d Disagreement) Key() string {
	key := d.Kind() + ": " + d.Small.Plan.Shape()
	if spelled := d.Small.Plan.explicit().Spelling; len(spelled) > 0 {
		key += fmt.Sprintf(" spelled %v", spelled)
	}
	return key
}

// Judge counts the cases. What looks like a disagreement gets a second look: in closer
// worlds, and without the choices that others are to blame for.
func Judge(cases []Case, checks []string, again Player) (*Matrix, []Disagreement, error) {
	m := &Matrix{Handlers: len(cases), Rows: map[string]*Row{}, Beyond: map[string]int{}}
	for _, c := range checks {
		m.Rows[c] = &Row{}
	}
	var questions []Question
	var doubts []doubt
	for _, c := range cases {
		for check, q := range secondLook(c, checks) {
			questions, doubts = append(questions, q), append(doubts, doubt{c.Code, check})
		}
	}
	answers := map[doubt]Case{}
	if len(questions) > 0 {
		again, err := again(questions)
		if err != nil {
			return nil, nil, err
		}
		for i, d := range doubts {
			answers[d] = again[i]
		}
	}
	var all []Disagreement
	for _, c := range cases {
		all = append(all, m.count(c, checks, answers)...)
	}
	return m, all, nil
}

// doubt is about a case, and about the part of one check in it, or about all of it where
// check is "".
type doubt struct{ code, check string }

// secondLook asks what is left in doubt about a case.
func secondLook(c Case, checks []string) iter.Seq2[string, Question] {
	return func(yield func(string, Question) bool) {
		suspects := c.Plan.Suspects()
		if !c.Verdict.Breaks() {
			if len(c.Reports) > 0 { // Perhaps it breaks in another world.
				yield("", Question{Plan: c.Plan, Worlds: c.Plan.Closer()})
			}
			return
		}
		for _, check := range checks {
			reported, suspected := c.Reported(check), slices.Contains(suspects, check)
			q := Question{Plan: c.Plan.Only(check)}
			switch {
			case reported && !suspected: // Does it break by itself, or by what others are to blame for?
				q.Worlds = append(q.Plan.Worlds(), q.Plan.Closer()...)
				q.If = func(c Case) bool { return c.Reported(check) }
			case !reported && suspected && len(suspects) > 1: // Is it to blame at all?
				q.Worlds = q.Plan.Worlds()
				q.If = func(c Case) bool { return len(c.Reports) == 0 }
			default:
				continue
			}
			if !yield(check, q) {
				return
			}
		}
	}
}

// count puts a case into the matrix.
func (m *Matrix) count(c Case, checks []string, answers map[doubt]Case) []Disagreement {
	m.Schedules += c.Verdict.Schedules
	if closer := answers[doubt{c.Code, ""}]; closer.Verdict.Breaks() {
		c.Verdict = closer.Verdict
	}
	breaks, suspects := c.Verdict.Breaks(), c.Plan.Suspects()
	if breaks {
		m.Breaks++
	}
	if len(c.Reports) > 0 {
		m.Reported++
	}
	var all []Disagreement
	blamed := false
	for _, check := range checks {
		row := m.Rows[check]
		reported, suspected := c.Reported(check), slices.Contains(suspects, check)
		alone, asked := answers[doubt{c.Code, check}]
		if !asked && len(suspects) == 1 {
			alone = c
		}
		switch {
		case !breaks && reported:
			row.False++
			all = append(all, Disagreement{Case: c, Check: check})
		case !breaks:
			row.Quiet++
		case reported && suspected:
			row.Right++
		case reported && asked && alone.Reported(check) && !alone.Verdict.Breaks():
			row.False++
			all = append(all, Disagreement{Case: alone, Check: check})
		case reported:
			row.Beside++
		case suspected && len(alone.Reports) == 0 && alone.Verdict.Breaks():
			row.Missed++
			blamed = true
			all = append(all, Disagreement{Case: alone, Check: check, Miss: true})
		}
	}
	if !breaks || blamed || len(c.Reports) > 0 {
		return all
	}
	for _, s := range suspects {
		if !slices.Contains(checks, s) {
			m.Beyond[s]++
			return all
		}
	}
	m.Beyond[nobody]++
	return append(all, Disagreement{Case: c, Check: nobody, Miss: true})
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
