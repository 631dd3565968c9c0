package explore_test

import (
	"flag"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/idemlint/idemlint/runtime/explore"
)

var update = flag.Bool("update", false, "write the schedules that tests print to testdata")

// golden compares a printed schedule with the file testdata/<name>.txt.
func golden(t *testing.T, name, got string) {
	t.Helper()
	file := filepath.Join("testdata", name+".txt")
	if *update {
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("prints\n%s\nwant (%s)\n%s", got, file, want)
	}
}

// breaks explores a handler that must be found to do harm of a kind, by a schedule that
// prints as testdata/<name>.txt.
func breaks(t *testing.T, name string, w explore.World, h explore.Handler, kind explore.Harm) *explore.Failure {
	t.Helper()
	r := explore.Check(t, w, h)
	if r.Err != nil {
		t.Fatal(r.Err)
	}
	if r.Failure == nil {
		t.Fatalf("none of %d schedules does harm, want %s", r.Schedules, kind)
	}
	if r.Failure.Harm != kind {
		t.Errorf("kind is %s, want %s", r.Failure.Harm, kind)
	}
	golden(t, name, r.Failure.String())
	return r.Failure
}

// survives explores a handler that no schedule may break, and returns what was played.
func survives(t *testing.T, w explore.World, h explore.Handler) explore.Result {
	t.Helper()
	if w.Limits.Schedules == 0 {
		w.Limits.Schedules = 500
	}
	r := explore.Check(t, w, h)
	if r.Err != nil {
		t.Fatal(r.Err)
	}
	if r.Failure != nil {
		t.Fatal(r.Failure)
	}
	if r.Schedules < 50 {
		t.Errorf("only %d schedules were played", r.Schedules)
	}
	return r
}

// does plays one schedule that must do harm of a kind, or none if kind is "".
func does(t *testing.T, w explore.World, h explore.Handler, schedule string, kind explore.Harm) {
	t.Helper()
	f, steps, err := explore.Replay(t, w, h, schedule)
	if err != nil {
		t.Fatal(err)
	}
	got := explore.Harm("")
	if f != nil {
		got = f.Harm
	}
	if got != kind {
		t.Errorf("schedule %s does harm %q, want %q:\n%s", schedule, got, kind, steps)
	}
}

// The story of the counter: it stands at 5, each message adds one.

func TestCounterWithoutETagBreaks(t *testing.T) {
	breaks(t, "counter", orders("one"), explore.Each(addBlindly), explore.Changed)
}

// Two workers at once lose an update of the counter without ETag: both read 5.
func TestCounterWithoutETagLosesAnUpdate(t *testing.T) {
	f, _, err := explore.Replay(t, orders("one", "two"), explore.Each(addBlindly), "overlap@1.3")
	if err != nil || f == nil {
		t.Fatal("no harm", err)
	}
	golden(t, "counter_lost_update", f.String())
}

// The ETag cures that, and nothing else.
func TestCounterWithETagBreaks(t *testing.T) {
	does(t, orders("one", "two"), explore.Each(addWithETag), "overlap@1.3", "")
	breaks(t, "counter_etag", orders("one"), explore.Each(addWithETag), explore.Changed)
	does(t, orders("one"), explore.Each(addWithETag), "C@1.4", explore.Changed)
}

func TestCounterWithIDsAppliedSurvives(t *testing.T) {
	survives(t, orders("one"), explore.Each(addOnce))
	survives(t, orders("one", "two"), explore.Each(addOnce))
}

func TestThumbnailSurvives(t *testing.T) {
	survives(t, orders("cat", "dog"), explore.Each(thumbnail))
}

// Run and -explore.replay say the same, byte for byte.
func TestReplayReproducesTheFailure(t *testing.T) {
	found := explore.Check(t, orders("one", "two"), explore.Each(addBlindly)).Failure
	replayed, _, err := explore.Replay(t, orders("one", "two"), explore.Each(addBlindly), found.Schedule.String())
	if err != nil {
		t.Fatal(err)
	}
	if found.String() != replayed.String() {
		t.Errorf("found\n%s\nreplayed\n%s", found, replayed)
	}
	if !strings.Contains(found.String(), "-explore.replay='"+found.Schedule.String()+"'") {
		t.Errorf("the failure does not say how to replay it:\n%s", found)
	}
}

// TestOfAUser is not one of ours: TestReplayFlag runs it.
func TestOfAUser(t *testing.T) {
	if os.Getenv("IDEMLINT_TEST_OF_A_USER") == "" {
		t.Skip("run by TestReplayFlag")
	}
	explore.Run(t, orders("one", "two"), explore.Each(addBlindly))
}

// Who reads a failure can paste its last line.
func TestReplayFlag(t *testing.T) {
	run := func(args ...string) string {
		c := exec.CommandContext(t.Context(), os.Args[0], append(args, "-test.run=^TestOfAUser$")...)
		c.Env = append(os.Environ(), "IDEMLINT_TEST_OF_A_USER=1")
		out, err := c.CombinedOutput()
		if err == nil {
			t.Errorf("%v: the test does not fail:\n%s", args, out)
		}
		_, failure, _ := strings.Cut(string(out), "schedule ")
		failure, _, found := strings.Cut(failure, "explore.replay='")
		if !found {
			t.Errorf("%v: no failure is printed:\n%s", args, out)
		}
		return failure
	}
	found := run()
	word, _, _ := strings.Cut(found, " ")
	if replayed := run("-explore.replay=" + word); replayed != found {
		t.Errorf("-explore.replay=%s prints\n%s\nwant\n%s", word, replayed, found)
	}
}
