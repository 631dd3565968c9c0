package tune

import (
	"reflect"
	"testing"
	"time"
)

// rough is a world in which everything goes wrong now and then.
func rough(t *testing.T, sample string) World {
	t.Helper()
	work, err := Sample(sample)
	if err != nil {
		t.Fatal(err)
	}
	return World{
		Work: work, LostRequests: 0.03, LostAnswers: 0.03,
		Crash: 20 * work.Mean(), Freeze: 20 * work.Mean(), Frozen: 5 * work.Mean(), Hang: 5 * time.Minute,
		Messages: 200,
	}
}

var someSettings = []Setting{
	{Visibility: 30 * time.Second, Timeout: time.Second},
	{Visibility: 30 * time.Second, Timeout: time.Second, Renew: 3},
	{Visibility: 10 * time.Minute, Timeout: 5 * time.Second, Retry: Retry{Retries: 3}},
	{Visibility: 10 * time.Minute, Timeout: 200 * time.Millisecond, Retry: Retry{Retries: 3, Pause: sdkPause}, Renew: 2},
	SDKDefault,
	RuntimeDefault,
}

// Whatever happens, no message is lost: each is executed, and done, at least once, and not
// before it arrived. And each that was done was received and deleted, by two requests at
// least.
func TestNoMessageIsLost(t *testing.T) {
	for _, sample := range []string{"short", "medium", "long"} {
		w := rough(t, sample)
		w.Deliveries = 100
		for _, s := range someSettings {
			r, err := Simulate(w, s, 1)
			if err != nil {
				t.Fatal(err)
			}
			if len(r.Delays) != w.Messages || r.Undone != 0 || r.Executions < w.Messages || r.Requests < 2*w.Messages {
				t.Errorf("%s work, %v: of %d messages %d done, %d undone, %d executions, %d requests",
					sample, s, w.Messages, len(r.Delays), r.Undone, r.Executions, r.Requests)
			}
			for i, d := range r.Delays {
				if d <= 0 {
					t.Errorf("%s work, %v: message %d was done %v after it arrived", sample, s, i, d)
				}
			}
		}
	}
}

// What nobody could finish is counted as undone, and does not hold up the rest: here each
// worker crashes long before the work is over, three times.
func TestUndone(t *testing.T) {
	w := calm(10 * time.Minute)
	w.Crash, w.Deliveries, w.Messages = time.Second, 3, 20
	r, err := Simulate(w, Setting{Visibility: time.Hour, Timeout: time.Second}, 1)
	if err != nil {
		t.Fatal(err)
	}
	if r.Undone != 20 || r.Executions != 60 || len(r.Delays) != 0 {
		t.Errorf("%d undone, %d executions, %d done; want 20, 60, 0", r.Undone, r.Executions, len(r.Delays))
	}
}

// The same seed gives the same run, another seed another.
func TestSameSeedSameRun(t *testing.T) {
	w := rough(t, "medium")
	for _, s := range someSettings {
		first, err := Simulate(w, s, 1)
		if err != nil {
			t.Fatal(err)
		}
		again, err := Simulate(w, s, 1)
		if err != nil {
			t.Fatal(err)
		}
		other, err := Simulate(w, s, 2)
		if err != nil {
			t.Fatal(err)
		}
		if !reflect.DeepEqual(first, again) {
			t.Errorf("%v: seed 1 gave two runs", s)
		}
		if reflect.DeepEqual(first.Delays, other.Delays) {
			t.Errorf("%v: seeds 1 and 2 gave the same delays", s)
		}
	}
}

// The longer the lease, the fewer handlers outlast it, and so the fewer duplicates; and the
// longer the message of a worker that crashed waits. Nothing else differs, since the same
// workers crash at the same messages. In this order a search finds its minimum.
func TestLongerLease(t *testing.T) {
	work, err := Sample("medium")
	if err != nil {
		t.Fatal(err)
	}
	w := calm(time.Second)
	// Each has its worker: if they queued up, duplicates would delay other messages.
	w.Work, w.Crash, w.Workers, w.Load, w.Messages, w.Deliveries = work, 200*time.Second, 50, 0.05, 300, 10
	w.PollMin, w.PollMax = 10*time.Second, 10*time.Second
	var previous struct{ again, delay float64 }
	for i, visibility := range []time.Duration{10 * time.Second, time.Minute, 10 * time.Minute, time.Hour} {
		all := runs(t, w, Setting{Visibility: visibility, Timeout: time.Second})
		again, _ := mean(duplicates, all)
		delay, _ := mean(meanDelay, all)
		t.Logf("%v: %.3f duplicates, delay %.1fs", visibility, again, delay)
		if i > 0 && again > previous.again {
			t.Errorf("lease %v: %.3f duplicates, more than with the shorter one: %.3f", visibility, again, previous.again)
		}
		if i > 0 && delay < previous.delay {
			t.Errorf("lease %v: delay %.1fs, less than with the shorter one: %.1fs", visibility, delay, previous.delay)
		}
		previous.again, previous.delay = again, delay
	}
}

// A retry of the delete prevents a duplicate; one of the receive receives another message
// and prevents none.
func TestRetriesPreventDuplicates(t *testing.T) {
	w := calm(time.Second)
	w.LostRequests = 0.1
	previous := 2.0
	for _, retries := range []int{0, 1, 3} {
		s := Setting{Visibility: 30 * time.Second, Timeout: time.Second, Retry: Retry{Retries: retries}}
		again, _ := mean(duplicates, runs(t, w, s))
		if again >= previous {
			t.Errorf("%d retries: %.4f duplicates, fewer retries %.4f", retries, again, previous)
		}
		previous = again
	}
}

// Worlds and settings that make no sense are refused, with the name of what is wrong.
func TestRefusals(t *testing.T) {
	good, s := calm(time.Second), Setting{Visibility: time.Minute}
	for want, change := range map[string]func(w *World, s *Setting){
		"no durations of work":                                             func(w *World, _ *Setting) { w.Work = NewDurations() },
		"lost requests 1, lost answers 0: want less than 1":                func(w *World, _ *Setting) { w.LostRequests = 1 },
		"noticed losses 2: want at most 1":                                 func(w *World, _ *Setting) { w.Noticed = 2 },
		"-1 messages: want 1 to 1000000":                                   func(w *World, _ *Setting) { w.Messages = -1 },
		"-1 workers: want 1 to 10000":                                      func(w *World, _ *Setting) { w.Workers = -1 },
		"load 0: want more than 0":                                         func(w *World, _ *Setting) { w.Load = -1 },
		"-1 deliveries: want at least 1":                                   func(w *World, _ *Setting) { w.Deliveries = -1 },
		"polls after 1s to 1ms: want more than 0, and the second not less": func(w *World, _ *Setting) { w.PollMin, w.PollMax = time.Second, time.Millisecond },
		"hang 0s: want more than 0":                                        func(w *World, _ *Setting) { w.Hang = -1 },
		"visibility timeout 1.5s: want whole seconds from 1s to 168h":      func(_ *World, s *Setting) { s.Visibility = 1500 * time.Millisecond },
		"visibility timeout 0s: want whole seconds from 1s to 168h":        func(_ *World, s *Setting) { s.Visibility = 0 },
		"client timeout -1s: want more than 0, or 0 for none":              func(_ *World, s *Setting) { s.Timeout = -time.Second },
		"renewal 1 times in each lease: want 2 to 20, or 0 for none":       func(_ *World, s *Setting) { s.Renew = 1 },
	} {
		w, setting := good, s
		change(&w, &setting)
		if _, err := Simulate(w, setting, 1); err == nil || err.Error() != want {
			t.Errorf("error %v, want %s", err, want)
		}
	}
	if _, err := Simulate(good, s, 1); err != nil {
		t.Errorf("unchanged: %v", err)
	}
}
