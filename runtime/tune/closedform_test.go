package tune

import (
	"math"
	"testing"
	"time"
)

// Where one misfortune comes alone, what it costs can be written down. The simulation
// comes out at the same, within four standard errors of its runs.

// calm is a world in which nothing goes wrong and hardly anybody waits: five workers are
// idle most of the time, and each looks four times while another works.
func calm(work time.Duration) World {
	return World{
		Work: NewDurations(work), Request: NewDurations(10 * time.Millisecond),
		LostRequests: -1, LostAnswers: -1, Noticed: -1, Crash: -1, Freeze: -1,
		Messages: 500, Workers: 5, Load: 0.15, PollMin: work / 4, PollMax: work / 4, Deliveries: 1000,
	}
}

const closedRuns = 10

// runs are ten runs.
func runs(t *testing.T, w World, s Setting) []Run {
	t.Helper()
	all := make([]Run, closedRuns)
	for seed := range all {
		var err error
		if all[seed], err = Simulate(w, s, uint64(seed)); err != nil {
			t.Fatal(err)
		}
	}
	return all
}

// mean is the mean of a number of each run, with four standard errors.
func mean(of func(Run) float64, runs []Run) (mean, error4 float64) {
	var sum, squares float64
	for _, r := range runs {
		sum += of(r)
	}
	n := float64(len(runs))
	mean = sum / n
	for _, r := range runs {
		squares += (of(r) - mean) * (of(r) - mean)
	}
	return mean, 4 * math.Sqrt(squares/(n-1)/n)
}

func duplicates(r Run) float64 { return float64(r.Executions-r.Messages) / float64(r.Messages) }

func meanDelay(r Run) float64 {
	var sum float64
	for _, d := range r.Delays {
		sum += d.Seconds()
	}
	return sum / float64(len(r.Delays))
}

func expect(t *testing.T, what string, got, error4, want, slack float64) {
	t.Helper()
	t.Logf("%s: simulated %.4f ± %.4f, closed form %.4f", what, got, error4, want)
	if math.Abs(got-want) > error4+slack {
		t.Errorf("%s: simulated %.4f ± %.4f, closed form %.4f", what, got, error4, want)
	}
}

// Message C is lost in each try with probability q; with r retries the message comes back
// when all are, p = q^(r+1), again and again: p/(1-p) duplicates. Nothing is delayed: the
// work was done.
func TestLostDeletes(t *testing.T) {
	t.Parallel()
	const q = 0.2
	for retries, p := range map[int]float64{0: q, 1: q * q} {
		w := calm(time.Second)
		w.LostRequests = q
		s := Setting{Visibility: 30 * time.Second, Timeout: time.Second, Retry: Retry{Retries: retries}}
		got, error4 := mean(duplicates, runs(t, w, s))
		expect(t, "duplicates for each message", got, error4, p/(1-p), 0)
	}
}

// Message B is lost with probability a: the queue has hidden a message that nobody works
// on for the visibility timeout V, again and again: V·a/(1-a). Retries of the receive do
// not help, as they receive other messages; and nothing is executed twice.
func TestLostReceives(t *testing.T) {
	t.Parallel()
	const a = 0.1
	for _, visibility := range []time.Duration{30 * time.Second, 300 * time.Second} {
		for _, retries := range []int{0, 3} {
			if retries > 0 && visibility > time.Minute {
				continue
			}
			w := calm(time.Second)
			s := Setting{Visibility: visibility, Timeout: time.Second, Retry: Retry{Retries: retries}}
			without, error1 := mean(meanDelay, runs(t, w, s))
			w.LostAnswers = a
			lossy := runs(t, w, s)
			with, error2 := mean(meanDelay, lossy)
			// When it is visible again it waits for the next look.
			expect(t, "seconds of delay", with-without, error1+error2, visibility.Seconds()*a/(1-a), w.PollMax.Seconds()*a/(1-a))
			// The answer to a delete is message D: there is nothing left to deliver.
			again, _ := mean(duplicates, lossy)
			expect(t, "duplicates for each message", again, 0, 0, 0)
		}
	}
}

// A worker crashes every c seconds of work, so that work of D seconds fails with
// probability p = 1-e^(-D/c), and its message waits for the end of its lease: p/(1-p)
// duplicates, V·p/(1-p) seconds.
func TestCrashes(t *testing.T) {
	t.Parallel()
	const work, between = 20 * time.Second, 100 * time.Second
	p := 1 - math.Exp(-work.Seconds()/between.Seconds())
	for _, visibility := range []time.Duration{60 * time.Second, 600 * time.Second} {
		w := calm(work)
		w.Restart = time.Second
		s := Setting{Visibility: visibility, Timeout: time.Second}
		without, error1 := mean(meanDelay, runs(t, w, s))
		w.Crash = between
		crashing := runs(t, w, s)
		with, error2 := mean(meanDelay, crashing)
		expect(t, "seconds of delay", with-without, error1+error2, visibility.Seconds()*p/(1-p), w.PollMax.Seconds()*p/(1-p))
		again, error4 := mean(duplicates, crashing)
		expect(t, "duplicates for each message", again, error4, p/(1-p), 0.001)
	}
}

// A worker that is frozen past the lease is overtaken, and begins each time with the same
// probability to be: p/(1-p) duplicates, renewed or not. A lease that is longer than
// freeze and work is not lost.
func TestFreezes(t *testing.T) {
	t.Parallel()
	const work, between = 20 * time.Second, 100 * time.Second
	p := 1 - math.Exp(-work.Seconds()/between.Seconds())
	w := calm(work)
	w.Freeze, w.Frozen = between, 5*time.Minute
	for _, c := range []struct {
		setting Setting
		want    float64
	}{
		{Setting{Visibility: 30 * time.Second, Timeout: time.Second}, p / (1 - p)},
		{Setting{Visibility: 30 * time.Second, Timeout: time.Second, Renew: 3}, p / (1 - p)},
		{Setting{Visibility: 10 * time.Minute, Timeout: time.Second}, 0},
	} {
		again, error4 := mean(duplicates, runs(t, w, c.setting))
		expect(t, "duplicates for each message", again, error4, c.want, 0.001)
	}
}

// Work stands still while its worker is frozen: a freeze of ten seconds makes it ten seconds
// later, wherever it hits.
func TestFrozenWorkIsLater(t *testing.T) {
	t.Parallel()
	const work, between, frozen = 20 * time.Second, 100 * time.Second, 10 * time.Second
	p := 1 - math.Exp(-work.Seconds()/between.Seconds())
	w := calm(work)
	s := Setting{Visibility: 10 * time.Minute, Timeout: time.Second}
	without, error1 := mean(meanDelay, runs(t, w, s))
	w.Freeze, w.Frozen = between, frozen
	with, error2 := mean(meanDelay, runs(t, w, s))
	expect(t, "seconds of delay", with-without, error1+error2, p*frozen.Seconds(), 0)
}

// Work that takes longer than the lease each time is never deleted by a plain loop: while
// it goes on, the message is delivered again, and voids its receipt. It is executed as
// often as it may be. Renewed, it is executed once.
func TestWorkLongerThanTheLease(t *testing.T) {
	t.Parallel()
	w := calm(50 * time.Second)
	// A worker is free each time the message is visible.
	w.Deliveries, w.Messages, w.Workers, w.Load = 7, 30, 10, 0.02
	w.PollMin, w.PollMax = 5*time.Second, 5*time.Second
	for renew, want := range map[int]float64{0: 6, 3: 0} {
		again, error4 := mean(duplicates, runs(t, w, Setting{Visibility: 20 * time.Second, Renew: renew, Timeout: time.Second}))
		if again != want || error4 != 0 {
			t.Errorf("renewal %s: %v ± %v duplicates of each message, want %v", RenewText(renew), again, error4, want)
		}
	}
}

// A put is executed unless its request is lost (q), and tried again when no answer comes:
// with probability f = q + (1-q)a, so that r retries leave (1-q)·(1 + f + … + f^r) messages
// in the queue for each call.
func TestSends(t *testing.T) {
	t.Parallel()
	const q, a = 0.1, 0.2
	const f = q + (1-q)*a
	w := World{LostRequests: q, LostAnswers: a, Noticed: 1, Request: NewDurations(10 * time.Millisecond), Messages: 500}
	g := Grid{Timeout: []time.Duration{time.Second}, Retry: []Retry{{}, {Retries: 1}, {Retries: 3}, {Retries: 3, Pause: sdkPause}}}
	all, err := Sends(w, g, Effort{Runs: 20})
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range all {
		r := float64(s.Retry.Retries)
		missing := math.Pow(q, r+1)          // no request arrived
		unsure := math.Pow(f, r+1) - missing // no answer arrived, but a request
		inQueue := (1 - q) * (1 - math.Pow(f, r+1)) / (1 - f)
		doubled := inQueue - (1 - missing) // all but the first of each call
		// 10,000 calls: four standard errors of a count of n are 4√n.
		for _, c := range []struct {
			what      string
			got, want float64
		}{{"doubled", s.Doubled, 1000 * doubled}, {"unsure", s.Unsure, 1000 * unsure}, {"missing", s.Missing, 1000 * missing}} {
			expect(t, s.Retry.String()+" "+c.what+" of 1000", c.got, 4*math.Sqrt(c.want/10), c.want, 1e-9)
		}
	}
}
