package explore

import (
	"flag"
	"fmt"
	"strings"
	"testing"
	"time"
)

var replay = flag.String("explore.replay", "", "play only this schedule of each explore.Run, and log its steps; see package explore")

// Result is what a search found out.
type Result struct {
	// Schedules and Operations are how many were played, those of exactly-once executions
	// included.
	Schedules, Operations int
	// Found is how many had been played when the first one did harm. Those after it
	// look for one with fewer messages.
	Found int
	// Possible is how many schedules there are within Limits.Faults, as far as they were
	// counted: more than Schedules means that Limits.Schedules ended the search.
	Possible int
	// Elapsed is real time.
	Elapsed time.Duration
	// Failure is the first schedule that does harm, nil if none does.
	Failure *Failure
	// Err is why nothing was played: World.Before failed, or the replay is none.
	Err error
}

// Failure is a schedule that does harm.
type Failure struct {
	// Schedule does it; Schedule.String() replays it.
	Schedule Schedule
	// Harm is of which kind.
	Harm Harm
	// Text says what is wrong.
	Text string
	// Steps are the steps of the schedule, one a line.
	Steps string

	test string
}

// String is the failure with all its steps, the same whenever it is found.
func (f *Failure) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "schedule %s breaks the handler (kind: %s)\n", f.Schedule, f.Harm)
	b.WriteString(f.Steps)
	for line := range strings.SplitSeq(f.Text, "\n") {
		fmt.Fprintf(&b, " final: %s\n", line)
	}
	fmt.Fprintf(&b, " replay: go test -run '%s' -explore.replay='%s'\n", testPattern(f.test), f.Schedule)
	return b.String()
}

// testPattern is the -run argument for a test of this name.
func testPattern(name string) string {
	parts := strings.Split(name, "/")
	for i, p := range parts {
		parts[i] = "^" + p + "$"
	}
	return strings.Join(parts, "/")
}

// Run explores a handler and fails the test if a schedule does harm.
func Run(t *testing.T, w World, h Handler) {
	t.Helper()
	if *replay != "" {
		runReplay(t, w, h, *replay)
		return
	}
	r := Check(t, w, h)
	switch {
	case r.Err != nil:
		t.Fatal(r.Err)
	case r.Failure != nil:
		t.Errorf("%s %d schedules had been played without harm\n", r.Failure, r.Found-1)
	default:
		t.Logf("%d schedules (%d operations) in %s: none does harm", r.Schedules, r.Operations, r.Elapsed.Round(time.Millisecond))
	}
}

func runReplay(t *testing.T, w World, h Handler, word string) {
	t.Helper()
	f, steps, err := Replay(t, w, h, word)
	switch {
	case err != nil:
		t.Fatal(err)
	case f != nil:
		t.Error(f)
	default:
		t.Logf("schedule %s does no harm\n%s", word, steps)
	}
}

// Check explores a handler. Unlike [Run] it leaves the judgement to its caller, and takes
// no notice of -explore.replay.
func Check(t *testing.T, w World, h Handler) Result {
	began := time.Now()
	e := newExplorer(t, w, h)
	r := e.search()
	r.Schedules, r.Operations, r.Found, r.Elapsed = e.played, e.operations, e.found, time.Since(began)
	return r
}

// Replay plays one schedule, as [Schedule.String] names it, and returns the failure if it does
// harm, and its steps.
func Replay(t *testing.T, w World, h Handler, word string) (*Failure, string, error) {
	e := newExplorer(t, w, h)
	s, err := ParseSchedule(word, len(w.Messages))
	if err != nil {
		return nil, "", err
	}
	e.know()
	if e.world.Property == nil {
		if r := e.reference(s.Messages); r.broken != nil && r.broken.err != nil {
			return nil, "", r.broken.err
		}
	}
	o := e.bubble(s, 0)
	if o.err != nil {
		return nil, "", o.err
	}
	if o.void {
		return nil, "", fmt.Errorf("explore: schedule %s: one of its faults stands at an operation that is never made", word)
	}
	f := e.failure(o, e.judge(o))
	if f.Harm == "" {
		return nil, f.Steps, nil
	}
	return f, f.Steps, nil
}
