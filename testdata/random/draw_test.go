package random

import (
	"reflect"
	"slices"
	"strings"
	"testing"
)

// TestDrawAgain: the same seed and number make the same handler, letter by letter, and
// another number another one.
func TestDrawAgain(t *testing.T) {
	seen := map[string]int{}
	for i := range 50 {
		first, call := Draw(7, i).Source()
		if spelled, _ := Draw(7, i).explicit().Source(); spelled != first {
			t.Errorf("handler %d is another one when its spelling is written out", i)
		}
		second, again := Draw(7, i).Source()
		if first != second || call != again {
			t.Errorf("handler %d is not the same twice", i)
		}
		if other, found := seen[first]; found {
			t.Errorf("handlers %d and %d are the same", other, i)
		}
		seen[first] = i
	}
}

// TestNormal: the normal form is one, and whoever drops a choice from a plan gets a plan
// that can be written down.
func TestNormal(t *testing.T) {
	for i := range 300 {
		p := Draw(3, i)
		if again := p.normal(); again.Shape() != p.Shape() {
			t.Errorf("not normal: %s\nbut %s", p.Shape(), again.Shape())
		}
		for _, m := range p.moves() {
			next := p.after(m)
			code, _ := next.Source()
			if text, err := File("p", code); err != nil {
				t.Errorf("%s: %v\n%s", next.Shape(), err, text)
			}
		}
	}
}

// TestEverythingIsDrawn: no ingredient is only on paper.
func TestEverythingIsDrawn(t *testing.T) {
	drawn, suspects := map[string]bool{}, map[string]int{}
	for i := range 3000 {
		p := Draw(5, i)
		for _, f := range p.Features() {
			if kind, choice, ok := strings.Cut(f, "."); ok {
				drawn[kind], f = true, choice
			}
			drawn[f] = true
		}
		for _, s := range p.Suspects() {
			suspects[s]++
		}
	}
	choices := []string{
		"put", "create", "change", "send", "wait", "look", "line",
		"row", "key=group", "key=single", "key=fresh",
		"content=text", "content=digest", "content=stamp", "content=expiry", "content=random", "content=mixed", "content=beat",
		"change=add", "change=count", "change=set", "change=append", "change=include", "change=entry", "change=tally", "change=grow", "change=chain",
		"guard=applied", "guard=seen", "guard=older", "guard=after", "guard=before", "guard=tx", "guard=exists",
		"match=none", "match=wildcard", "match=other", "absent", "stamp", "conflict=error", "conflict=done",
		"place=closure", "place=func", "place=deep", "place=wg", "place=go",
		"via=funcs", "via=generic", "via=iface", "via=swap",
		"onerror=log", "onerror=drop", "onerror=retry", "onerror=retrylog", "large",
		"batch=3", "forever", "methods", "layout=handle", "layout=work", "renew", "giveup", "queueid", "fetch", "ack", "container",
		"delete=deferred", "delete=first", "delete=onerror", "delete=forgotten", "delete=arms", "deleteerror=log", "deleteerror=drop",
	}
	for _, c := range choices {
		if !drawn[c] {
			t.Errorf("%s is never drawn", c)
		}
	}
	for _, check := range suite() {
		if suspects[check] < 40 && neverDrawn[check] == "" {
			t.Errorf("of 3000 handlers only %d have something that %s ought to report", suspects[check], check)
		}
	}
	for s := range suspects {
		if !slices.Contains(suite(), s) && concepts[s] == "" {
			t.Errorf("nothing says why no check reports %s", s)
		}
	}
}

// neverDrawn are checks that no handler of the generator's gives cause to, and why.
var neverDrawn = map[string]string{
	"sideeffect":   "whatever is sent is a message that is sent on",
	"stalereceipt": "renewals keep their receipts",
}

// TestOnly: what is left after the others' faults are cured are the faults of one check,
// and at least one of them.
func TestOnly(t *testing.T) {
	for i := range 500 {
		p := Draw(11, i)
		for _, f := range p.Faults() {
			if !built(f.Check) || f.Beside {
				continue
			}
			only := p.Only(f.Check)
			got := slices.DeleteFunc(only.Suspects(), func(s string) bool { return s == "order" })
			if !slices.Equal(got, []string{f.Check}) {
				t.Errorf("only %s of %s:\n%s has %v", f.Check, p.Shape(), only.Shape(), got)
			}
		}
		if got := p.Only("nothing").Suspects(); len(got) > 0 {
			t.Errorf("%s without faults has %v", p.Shape(), got)
		}
	}
}

// TestShrink: what does not matter goes, what matters stays. Here a linter reports whatever
// appends to a list within a loop that never ends, and everything survives.
func TestShrink(t *testing.T) {
	rounds := 0
	toy := func(questions []Question) ([]Case, error) {
		rounds++
		var cases []Case
		for _, q := range questions {
			c := Case{Plan: q.Plan}
			c.Verdict.Schedules = 1
			if q.Plan.Forever && slices.ContainsFunc(q.Plan.Steps, func(s Step) bool { return s.Change == "append" }) {
				c.Reports = []Report{{Check: "toy"}}
			}
			cases = append(cases, c)
		}
		return cases, nil
	}
	shrunk := 0
	for i := range 2000 {
		cases, _ := toy([]Question{{Plan: Draw(13, i)}})
		if len(cases[0].Reports) == 0 {
			continue
		}
		list := []Disagreement{{Case: cases[0], Check: "toy"}}
		if err := Shrink(list, toy); err != nil {
			t.Fatal(err)
		}
		want := []string{"forever", "change", "change.change=append"}
		if got := list[0].Small.Plan.Features(); !reflect.DeepEqual(got, want) {
			t.Errorf("%s\nshrinks to %v, want %v", cases[0].Plan.Shape(), got, want)
		}
		shrunk++
	}
	if shrunk < 10 || rounds > shrunk*(mostRounds+1)+2000 {
		t.Errorf("%d shrunk in %d rounds", shrunk, rounds)
	}
}
