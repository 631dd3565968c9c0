package random

import (
	"flag"
	"fmt"
	"github.com/idemlint/idemlint/analyzer"
	"github.com/idemlint/idemlint/testdata/random/play"
	"testing"
	"time"
)

var n = flag.Int("random.n", 60, "")
var seed = flag.Uint64("random.seed", 1, "")
var doShrink = flag.Bool("random.shrink", true, "")

func TestX(t *testing.T) {
	var plans []Plan
	for i := range *n {
		plans = append(plans, Draw(*seed, i))
	}
	t0 := time.Now()
	cs, err := Play(plans, Suite, Plan.Worlds)
	if err != nil {
		t.Fatal(err)
	}
	fmt.Println(time.Since(t0))
	for _, c := range cs {
		if c.Verdict.Err != "" {
			fmt.Println("ERR", c.Verdict.Err, c.Plan.Shape())
		}
	}
	var checks []string
	for _, a := range analyzer.Analyzers() {
		checks = append(checks, a.Name)
	}
	again := func(p []Plan, close bool) ([]Case, error) {
		return Play(p, Suite, func(p Plan) []play.World {
			w := p.Worlds()
			if close {
				w = append(w, p.Closer()...)
			}
			return w
		})
	}
	m, ds, err := Judge(cs, checks, again)
	if err != nil {
		t.Fatal(err)
	}
	fmt.Println(m)
	fmt.Println(time.Since(t0))
	for _, d := range ds {
		fmt.Println("D", d.Kind(), d.Plan.Shape())
	}
	if !*doShrink {
		return
	}
	if err := Shrink(ds, again); err != nil {
		t.Fatal(err)
	}
	fmt.Println(time.Since(t0))
	for _, d := range ds {
		fmt.Println("=======", d.Key())
		if d.Miss {
			fmt.Println(d.Small.Verdict.Harm, d.Small.Verdict.World, d.Small.Verdict.Schedule, d.Small.Verdict.Text)
		} else {
			fmt.Println(d.Small.Reports)
		}
		fmt.Println(d.Small.Code)
	}
}
