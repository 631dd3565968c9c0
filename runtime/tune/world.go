package tune

import (
	"errors"
	"fmt"
	"time"
)

// World is what a setting has to live with. Only Work must be given.
type World struct {
	// Work is how long a handler takes.
	Work *Durations
	// Request is how long a request takes, there and back. Default: made up, 8 ms at the
	// median, one in a hundred more than 0.26 s, one in ten thousand more than 1.8 s.
	Request *Durations

	// LostRequests and LostAnswers are the shares of tries whose request, or answer, is
	// lost: 0 to less than 1, default 0.001 each. Negative: none.
	LostRequests, LostAnswers float64
	// Noticed is the share of losses that the client notices, after a round trip, as its
	// connection breaks; of the others it hears nothing. Default: 0.5; negative: none.
	Noticed float64
	// Hang is after how long the operating system gives up a connection of which nothing
	// is heard, for clients without a timeout. Default: 924 s, what Linux does with data
	// that is not acknowledged (net.ipv4.tcp_retries2,
	// https://docs.kernel.org/networking/ip-sysctl.html). A peer that acknowledges and does
	// not answer can hang for ever.
	Hang time.Duration

	// Crash is the mean time between two crashes of a worker, counted while it has a
	// message. Default: 24 h; negative: it does not crash.
	Crash time.Duration
	// Restart is how long it is then away. Default: 10 s.
	Restart time.Duration
	// Freeze is the mean time between two freezes of a worker, counted while it has a
	// message. Default: 168 h; negative: it is not frozen.
	Freeze time.Duration
	// Frozen is how long a freeze lasts. Default: 5 min.
	Frozen time.Duration

	// Messages is how many messages there are in one run. Default: 500.
	Messages int
	// Workers is how many work at the same time, with one message each. Default: 4.
	Workers int
	// Load is the share of their time for which they would have work, if nothing went
	// wrong: more than 0, default 0.5. It decides how far apart messages arrive, on
	// average: they do so independently of each other (a Poisson process).
	Load float64
	// PollMin and PollMax are a worker's pause after a receive that brought nothing,
	// doubling from the one to the other. Defaults: 1 s, 30 s.
	PollMin, PollMax time.Duration
	// Deliveries is after how many deliveries a message is put aside as poison: the next
	// worker who gets it deletes it. Default: 10.
	Deliveries int
	// Redraw: how long a message takes is drawn anew at each delivery. Without it a message
	// that took long takes as long again, as a large picture does.
	Redraw bool
}

// Defaults are the world's defaults, for who wants to show them. It has no Work.
func Defaults() World { return World{}.withDefaults() }

func (w World) withDefaults() World {
	setTime := func(field *time.Duration, value time.Duration) {
		if *field == 0 {
			*field = value
		}
		*field = max(*field, 0)
	}
	setShare := func(field *float64, value float64) {
		if *field == 0 {
			*field = value
		}
		*field = max(*field, 0)
	}
	setCount := func(field *int, value int) {
		if *field == 0 {
			*field = value
		}
	}
	if w.Request == nil || w.Request.Len() == 0 {
		w.Request = roundTrips()
	}
	setShare(&w.LostRequests, 0.001)
	setShare(&w.LostAnswers, 0.001)
	setShare(&w.Noticed, 0.5)
	setTime(&w.Hang, 924*time.Second)
	setTime(&w.Crash, 24*time.Hour)
	setTime(&w.Restart, 10*time.Second)
	setTime(&w.Freeze, 7*24*time.Hour)
	setTime(&w.Frozen, 5*time.Minute)
	setCount(&w.Messages, 500)
	setCount(&w.Workers, 4)
	setShare(&w.Load, 0.5)
	setTime(&w.PollMin, time.Second)
	setTime(&w.PollMax, max(30*time.Second, w.PollMin))
	setCount(&w.Deliveries, 10)
	return w
}

// check is for a world with its defaults. It also makes the distributions ready to be
// drawn from by several goroutines.
func (w World) check() error {
	switch {
	case w.Work == nil || w.Work.Len() == 0:
		return errors.New("no durations of work")
	case !(w.LostRequests < 1) || !(w.LostAnswers < 1):
		return fmt.Errorf("lost requests %v, lost answers %v: want less than 1", w.LostRequests, w.LostAnswers)
	case !(w.Noticed <= 1):
		return fmt.Errorf("noticed losses %v: want at most 1", w.Noticed)
	case !(w.Load > 0 && w.Load <= 100):
		return fmt.Errorf("load %v: want more than 0", w.Load)
	case w.Messages < 1 || w.Messages > 1_000_000:
		return fmt.Errorf("%d messages: want 1 to 1000000", w.Messages)
	case w.Workers < 1 || w.Workers > 10_000:
		return fmt.Errorf("%d workers: want 1 to 10000", w.Workers)
	case w.Deliveries < 1:
		return fmt.Errorf("%d deliveries: want at least 1", w.Deliveries)
	case w.PollMin <= 0 || w.PollMax < w.PollMin:
		return fmt.Errorf("polls after %v to %v: want more than 0, and the second not less", w.PollMin, w.PollMax)
	case w.Hang <= 0:
		return fmt.Errorf("hang %v: want more than 0", w.Hang)
	}
	w.Work.ready()
	w.Request.ready()
	return nil
}

// every is the mean time between two arrivals, for a world that was checked.
func (w World) every() time.Duration {
	held := w.Work.mean + 2*w.Request.mean // the receive's answer and the delete
	return time.Duration(float64(held) / float64(w.Workers) / w.Load)
}
