package random

import (
	"slices"
	"testing"
)

// nobodyLooks answers no question: there is no second look.
func nobodyLooks(questions []Question) ([]Case, error) { return make([]Case, len(questions)), nil }

// TestBlindLinter: where nothing is ever reported, each handler that breaks by the choice
// of one check is a miss of that check, and there are some of each. Without that, few
// misses would say nothing about the linter.
func TestBlindLinter(t *testing.T) {
	m, found := judged(t, func(Case) []Report { return nil })
	for check, row := range m.Rows {
		if row.Right+row.Beside+row.False > 0 {
			t.Errorf("%s reports something", check)
		}
		if row.Missed == 0 && *count >= 200 { // in fewer a kind may be absent
			t.Errorf("no handler breaks that only %s ought to report", check)
		}
	}
	for _, d := range found {
		if suspects := d.Plan.Suspects(); d.Check != nobody && !slices.Equal(suspects, []string{d.Check}) {
			t.Errorf("%s, but %s has %v", d.Kind(), d.Plan.Shape(), suspects)
		}
	}
}

// TestLoudLinter: where each check reports every handler, each one that survives is a
// false alarm of all.
func TestLoudLinter(t *testing.T) {
	m, found := judged(t, func(Case) []Report {
		var all []Report
		for _, check := range suite() {
			all = append(all, Report{Check: check})
		}
		return all
	})
	survive := m.Handlers - m.Breaks
	if survive < m.Handlers/5 {
		t.Errorf("only %d of %d handlers survive", survive, m.Handlers)
	}
	for check, row := range m.Rows {
		if row.False != survive || row.Missed+row.Quiet > 0 {
			t.Errorf("%s: %+v, want %d false alarms and no silence", check, *row, survive)
		}
	}
	if want := survive * len(suite()); len(found) != want {
		t.Errorf("%d disagreements, want %d", len(found), want)
	}
}

// TestWrongReports: a report does not count as right because something else breaks the
// handler.
func TestWrongReports(t *testing.T) {
	m, _ := judged(t, func(c Case) []Report {
		for _, check := range suite() {
			if !slices.Contains(c.Plan.Suspects(), check) {
				return []Report{{Check: check}}
			}
		}
		return nil
	})
	for check, row := range m.Rows {
		if row.Right > 0 {
			t.Errorf("%s is right about %d handlers that have nothing of its kind", check, row.Right)
		}
	}
}

// judged is what the matrix of this run would be with another linter.
func judged(t *testing.T, linter func(Case) []Report) (*Matrix, []Disagreement) {
	t.Helper()
	cases, err := played()
	if err != nil {
		t.Fatal(err)
	}
	cases = slices.Clone(cases)
	for i := range cases {
		cases[i].Reports = linter(cases[i])
	}
	m, found, err := Judge(cases, suite(), nobodyLooks)
	if err != nil {
		t.Fatal(err)
	}
	return m, found
}
