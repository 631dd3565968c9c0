package random

import (
	"slices"
	"testing"
)

// known are disagreements that are understood.
var known = []struct {
	check string
	miss  bool
	// shape tells the handlers that it is about.
	shape func(Plan) bool
	// example is the simplest of them, which TestKnown plays.
	example Plan
	reason  string
}{
	{
		check: "missingdelete", example: Plan{Delete: "forgotten", Steps: []Step{{Kind: "create", Conflict: "done"}}},
		shape: func(p Plan) bool {
			return p.Delete == "forgotten" && p.some(func(s Step) bool { return s.Conflict == "done" })
		},
		reason: "the delete is forgotten on the first delivery only: the second one finds what the first has created, and settles",
	},
	{
		check: "visibility", example: Plan{Batch: 16, Steps: []Step{{Kind: "look"}, {ID: 1}}},
		shape:  func(p Plan) bool { return p.Batch > 2 && p.some(func(s Step) bool { return s.Kind == "look" }) },
		reason: "visibility reckons with the retries of a throttled client for each body of unknown size; the clients of these worlds do not retry",
	},
	{
		check: "visibility", example: Plan{Steps: []Step{{Kind: "create", Conflict: "done"}, {ID: 1, Kind: "wait", Seconds: 35}}},
		shape: func(p Plan) bool {
			return p.some(func(s Step) bool { return s.Conflict == "done" })
		},
		reason: "the second delivery finds what the first has created, and settles at once, without the wait",
	},
	{
		check: "visibility", example: Plan{Batch: 2, Steps: []Step{{Kind: "create"}, {ID: 1, Kind: "wait", Seconds: 20}}},
		shape:  func(p Plan) bool { return p.Batch > 1 && p.seconds()/p.batch() < p.lease() },
		reason: "the batch outlasts its lease, no message does: the second delivery repeats what may be repeated, and comes to its end",
	},
	{
		check: "deleteonerror", miss: true, example: Plan{Steps: []Step{{Place: "wg", OnError: "log"}}},
		shape: func(p Plan) bool {
			return p.some(func(s Step) bool { return s.Place == "wg" && (s.OnError == "log" || s.OnError == "drop") })
		},
		reason: "the error comes from a goroutine that is waited for, in a variable that both know",
	},
	{
		check: "missingdelete", miss: true, example: Plan{Delete: "forgotten", Steps: []Step{{Kind: "create", Place: "wg"}}},
		shape: func(p Plan) bool {
			return p.Delete == "forgotten" && p.some(func(s Step) bool { return s.Place == "wg" })
		},
		reason: "the effect is made in a goroutine that is waited for: what hangs on its error is not seen as a success",
	},
	{
		check: "earlydelete", miss: true, example: Plan{Steps: []Step{{Place: "go", Via: "iface"}}},
		shape:  func(p Plan) bool { return p.some(func(s Step) bool { return s.Place == "go" && s.Via == "iface" }) },
		reason: "the goroutine that nobody waits for works behind an interface",
	},
	{
		check: "deleteonerror", miss: true, example: Plan{Layout: "handle", Steps: []Step{{Place: "closure", Via: "iface", OnError: "drop"}}},
		shape: func(p Plan) bool {
			return p.some(func(s Step) bool { return s.Place == "closure" && s.Via == "iface" })
		},
		reason: "the error that is dropped is a closure's, whose work is behind an interface that is given to the function",
	},
}

// some tells whether one of the steps is like that.
func (p Plan) some(is func(Step) bool) bool { return slices.ContainsFunc(p.Steps, is) }

// known says why the linter and exploration do not agree here, "" if nobody knows.
func (d Disagreement) known() string {
	for _, k := range known {
		if k.check == d.Check && k.miss == d.Miss && k.shape(d.Plan) {
			return k.reason
		}
	}
	return ""
}

// TestKnown: each known disagreement still is one. Where it is not, the linter has
// learned, and its reason can go.
func TestKnown(t *testing.T) {
	var questions []Question
	for i, k := range known {
		p := k.example.normal()
		p.Theme = i
		if p.Shape() != k.example.Shape() || !k.shape(p) {
			t.Errorf("%s is no example of its own shape", k.example.Shape())
		}
		questions = append(questions, Question{Plan: p, Worlds: p.Worlds()})
	}
	cases, err := player(questions)
	if err != nil {
		t.Fatal(err)
	}
	for i, c := range cases {
		d := Disagreement{Case: c, Check: known[i].check, Miss: known[i].miss}
		if !d.still(c) {
			t.Errorf("they agree now: %s of %s\nbreaks: %t, reported: %v\nout of date: %s", d.Kind(), c.Plan.Shape(), c.Verdict.Breaks(), c.Checks(), known[i].reason)
		}
	}
}
