package random

import (
	"flag"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/idemlint/idemlint/analyzer"
)

var (
	count  = flag.Int("random.n", 60, "so many handlers are made")
	seed   = flag.Uint64("random.seed", 1, "which handlers")
	first  = flag.Int("random.first", 0, "the number of the first one")
	deep   = flag.Int("random.shrink", 2, "so many disagreements of a kind that are not known are shrunk")
	folder = flag.String("random.out", "", "a folder for the shrunk handlers")
)

func suite() []string {
	var names []string
	for _, c := range analyzer.Checks() {
		names = append(names, c.Analyzer.Name)
	}
	return names
}

func player(questions []Question) ([]Case, error) { return Play(questions, Suite) }

// played are the handlers that the flags ask for, with both verdicts, played once for all
// tests.
var played = sync.OnceValues(func() ([]Case, error) { return player(drawn(*seed, *first, *count)) })

// drawn are the plans that the flags ask for, as questions.
func drawn(seed uint64, first, n int) []Question {
	var list []Question
	for i := range n {
		p := Draw(seed, first+i)
		list = append(list, Question{Plan: p, Worlds: p.Worlds()})
	}
	return list
}

// TestRandom holds the linter's word against exploration, handler by handler, and prints
// the matrix. A thousand of them:
//
//	go test ./random -run 'TestRandom$' -v -timeout 0 -random.n 1000 -random.seed 7
func TestRandom(t *testing.T) {
	cases, err := played()
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range cases {
		if c.Verdict.Err != "" {
			t.Errorf("%s cannot be played: %s\n%s", c.Plan.Shape(), c.Verdict.Err, c.Code)
		}
	}
	matrix, found, err := Judge(cases, suite(), player)
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("seed %d, handlers from %d on: %s", *seed, *first, matrix)
	var unknown []Disagreement
	times := map[string]int{}
	for _, d := range found {
		d.Small = d.Case
		if reason := d.known(); reason != "" {
			times[d.Kind()+": "+reason]++
			continue
		}
		unknown = append(unknown, d)
	}
	for _, reason := range slices.Sorted(maps.Keys(times)) {
		t.Logf("%d× known %s", times[reason], reason)
	}
	few, rest := sample(unknown, *deep)
	if err := Shrink(few, player); err != nil {
		t.Fatal(err)
	}
	for i, d := range few {
		t.Errorf("%s", d)
		if err := d.save(i); err != nil {
			t.Error(err)
		}
	}
	for _, d := range rest {
		t.Errorf("%s: %s (not shrunk)", d.Kind(), d.Plan.Shape())
	}
}

// sample takes n of each kind, the simplest ones.
func sample(list []Disagreement, n int) (few, rest []Disagreement) {
	list = slices.Clone(list)
	slices.SortStableFunc(list, func(a, b Disagreement) int { return a.Plan.weight() - b.Plan.weight() })
	taken := map[string]int{}
	for _, d := range list {
		if taken[d.Kind()]++; taken[d.Kind()] > n {
			rest = append(rest, d)
			continue
		}
		few = append(few, d)
	}
	return few, rest
}

// String is a disagreement as a reader wants it: both words, and the handler.
func (d Disagreement) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s\n%s", d.Key(), words(d.Small))
	return b.String() + d.Small.Code
}

func words(c Case) string {
	var b strings.Builder
	for _, r := range c.Reports {
		fmt.Fprintf(&b, "line %d: %s (%s)\n", r.Line, r.Message, r.Check)
	}
	if len(c.Reports) == 0 {
		b.WriteString("nothing is reported\n")
	}
	if !c.Verdict.Breaks() {
		fmt.Fprintf(&b, "survives %d schedules\n", c.Verdict.Schedules)
		return b.String()
	}
	fmt.Fprintf(&b, "breaks in world %q by schedule %s (%s)\n%sfinal: %s\n",
		c.Verdict.World, c.Verdict.Schedule, c.Verdict.Harm, c.Verdict.Steps, c.Verdict.Text)
	return b.String()
}

// save writes the shrunk handler into the folder of the flag.
func (d Disagreement) save(i int) error {
	if *folder == "" {
		return nil
	}
	if err := os.MkdirAll(*folder, 0o777); err != nil {
		return err
	}
	kind := d.Check
	if d.Miss {
		kind += "-miss"
	}
	text := "// " + strings.ReplaceAll(strings.TrimSpace(d.Key()+"\n"+words(d.Small)), "\n", "\n// ") + "\n\n" + d.Small.Code
	return os.WriteFile(filepath.Join(*folder, fmt.Sprintf("%s-%d.go", kind, i)), []byte(text), 0o666)
}
