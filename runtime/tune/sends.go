package tune

import (
	"errors"
	"strconv"
	"time"
)

// Sent is what became of the messages of one sender, per 1,000 calls.
type Sent struct {
	Timeout time.Duration
	Retry   Retry

	// Doubled is how many messages too many are in the queue.
	Doubled float64
	// Unsure is how many calls returned an error although the message is in the queue.
	Unsure float64
	// Missing is how many calls returned an error and the message is not in the queue.
	Missing float64
	// Mean and Longest are of the time until the call returned.
	Mean, Longest time.Duration
}

// Sends simulates calls of EnqueueMessage, one after the other, with each timeout and each
// retry strategy of the grid: the other half of the question, since a put that is sent
// again is another message, with an ID of its own. There are World.Messages calls in each
// of Effort.Runs runs; otherwise only the network counts. It fails for a world, a grid or
// an effort out of range.
func Sends(w World, g Grid, e Effort) ([]Sent, error) {
	w, e = w.withDefaults(), e.withDefaults()
	if w.Work == nil {
		w.Work = NewDurations(0) // nobody works here
	}
	if err := errors.Join(w.check(), e.check()); err != nil {
		return nil, err
	}
	g = g.withDefaults(&w)
	if _, err := g.settings(); err != nil {
		return nil, err
	}
	var all []Sent
	for _, timeout := range g.Timeout {
		for _, retry := range g.Retry {
			one := Sent{Timeout: timeout, Retry: retry}
			took := NewDurations()
			for run := range e.Runs {
				if err := one.add(&w, mix(e.Seed)+uint64(run), took); err != nil {
					return nil, err
				}
			}
			per := 1000 / float64(took.Len())
			one.Doubled *= per
			one.Unsure *= per
			one.Missing *= per
			one.Mean, one.Longest = took.Mean(), took.Quantile(1)
			all = append(all, one)
		}
	}
	return all, nil
}

// add is one run, counted and not yet divided.
func (r *Sent) add(w *World, seed uint64, took *Durations) error {
	sim := newSimulation(w, Setting{Timeout: r.Timeout, Retry: r.Retry}, seed)
	sender := &process{}
	failed := make([]bool, w.Messages)
	var call func(n int)
	call = func(n int) {
		if n == w.Messages {
			return
		}
		began := sim.now
		about := named{kind: sending, a: uint64(n)}
		sim.send(request{from: sender, about: about,
			execute: func() (reply, named) {
				sim.account.put(strconv.Itoa(n))
				return reply{found: true}, about
			},
			done: func(_ reply, ok bool) {
				failed[n] = !ok
				took.Add(sim.now - began)
				call(n + 1)
			},
		})
	}
	call(0)
	sim.run()

	// The queue itself is asked what it has.
	puts := make([]int, w.Messages)
	for d := sim.account.get(longest); d != nil; d = sim.account.get(longest) {
		puts[messageNumber(d)]++
		sim.account.remove(d, d.receipt)
	}
	for n, count := range puts {
		switch {
		case failed[n] && count == 0:
			r.Missing++
		case failed[n]:
			r.Unsure++
		}
		r.Doubled += float64(max(count-1, 0))
	}
	return sim.account.err
}
