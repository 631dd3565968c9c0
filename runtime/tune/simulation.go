package tune

import (
	"strconv"
	"time"
)

// Run is what became of the messages of one run.
type Run struct {
	Messages   int
	Executions int // of handlers, begun
	Undone     int // messages that no handler finished with
	Requests   int // of workers
	// Delays are those of the messages that were done, in the order of arrival.
	Delays []time.Duration
}

// Simulate is one run of a world with a setting. The same seed gives the same run, and in
// another setting the same misfortunes. It fails for a world or a setting out of range.
func Simulate(w World, s Setting, seed uint64) (Run, error) {
	w = w.withDefaults()
	if err := w.check(); err != nil {
		return Run{}, err
	}
	g := Grid{Visibility: []time.Duration{s.Visibility}, Renew: []int{s.Renew}, Timeout: []time.Duration{s.Timeout}}
	if _, err := g.settings(); err != nil {
		return Run{}, err
	}
	return simulate(&w, s, seed)
}

// simulate is Simulate with a checked world.
func simulate(w *World, s Setting, seed uint64) (Run, error) {
	return newSimulation(w, s, seed).play()
}

// play is all of the run.
func (s *simulation) play() (Run, error) {
	s.messages, s.left = make([]state, s.world.Messages), s.world.Messages
	for i, arrived := range s.arrivals() {
		s.messages[i].arrived = arrived
		s.at(arrived, func() { s.account.put(strconv.Itoa(i)) })
	}
	for i := range s.world.Workers {
		one := &loop{number: uint64(i), pause: s.world.PollMin}
		s.at(s.start(i), func() { s.receive(one) })
	}
	s.run()
	return s.sum(), s.account.err
}

// start is when a worker begins: not all at once, or they would go on to look for messages
// at the same time.
func (s *simulation) start(worker int) time.Duration {
	return time.Duration(float64(s.world.PollMin) * s.of(startTime, uint64(worker)))
}

// arrivals are the times at which messages are put.
func (s *simulation) arrivals() []time.Duration {
	all := make([]time.Duration, s.world.Messages)
	var now time.Duration
	for i := range all {
		now += time.Duration(float64(s.world.every()) * exponential(s.of(arrival, uint64(i))))
		all[i] = now
	}
	return all
}

// epoch is when a run begins, by the account's clock.
var epoch = time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC)

// simulation is one run.
type simulation struct {
	agenda
	chance
	world    *World
	setting  Setting
	account  *account
	messages []state
	left     int // messages in the queue, hidden ones included, and to come
	result   Run

	// watch, if not nil, is told when the handler begins and ends with a delivery.
	watch func(what string, message, delivery int)
}

func (s *simulation) watched(what string, j *job) {
	if s.watch != nil {
		s.watch(what, j.message, j.count)
	}
}

// state is what is known of a message, from outside of all workers.
type state struct {
	arrived, done time.Duration
	executions    int
	finished      bool // by a handler, at done
}

func newSimulation(w *World, s Setting, seed uint64) *simulation {
	sim := &simulation{world: w, setting: s, chance: chance(mix(seed))}
	sim.account = newAccount(func() time.Time { return epoch.Add(sim.now) })
	return sim
}

func (s *simulation) sum() Run {
	s.result.Messages = len(s.messages)
	for _, m := range s.messages {
		s.result.Executions += m.executions
		if m.finished {
			s.result.Delays = append(s.result.Delays, m.done-m.arrived)
		} else {
			s.result.Undone++
		}
	}
	return s.result
}

// loop is a worker: a process with one message at a time, and the loop of package worker
// in the steps of its documentation.
type loop struct {
	process
	number uint64
	gets   uint64
	pause  time.Duration // before the next receive, if this one brings nothing
	job    *job          // nil while there is none
}

// job is a message in the hands of a worker.
type job struct {
	*delivery
	message  int           // its number
	receipt  string        // the newest
	began    time.Duration // when the request was sent that the lease comes from
	ends     time.Duration // when the handler returns
	finished bool          // the handler has returned
	renewing bool          // a renewal is under way
	renewals uint64        // begun
}

// about names a request of a job.
func (j *job) about(what kind) named { return named{what, uint64(j.message), uint64(j.count)} }

// receive is steps 1 to 5.
func (s *simulation) receive(w *loop) {
	if s.left == 0 {
		return // so that a run has an end
	}
	sent := s.now
	w.gets++
	// What a receive brings is not known when it is sent: chance can only know which one
	// it is.
	about := named{receiving, ^w.number, w.gets}
	s.send(request{from: &w.process, about: about,
		execute: func() (reply, named) {
			d := s.account.get(s.setting.Visibility)
			if d == nil {
				return reply{}, about
			}
			return reply{received: d}, named{receiving, messageNumber(d), uint64(d.count)}
		},
		done: func(r reply, ok bool) {
			if !ok || r.received == nil {
				s.local(&w.process, s.now+w.pause, func() { s.receive(w) })
				w.pause = min(2*w.pause, s.world.PollMax)
				return
			}
			w.pause = s.world.PollMin
			s.work(w, r.received, sent)
		},
	})
}

func messageNumber(d *delivery) uint64 {
	n, err := strconv.ParseUint(d.body, 10, 64)
	if err != nil {
		panic(err) // it was put by simulate
	}
	return n
}

// work is step 6.
func (s *simulation) work(w *loop, d *delivery, sent time.Duration) {
	j := &job{delivery: d, message: int(messageNumber(d)), receipt: d.receipt, began: sent}
	w.job = j
	if d.count > s.world.Deliveries {
		j.finished = true
		s.settle(w, j)
		return
	}
	s.messages[j.message].executions++
	s.watched("begins", j)
	which := 0
	if s.world.Redraw {
		which = j.count
	}
	j.ends = s.now + s.world.Work.draw(s.of(workTime, uint64(j.message), uint64(which)))
	s.local(&w.process, j.ends, func() { s.finish(w, j) })
	if s.setting.Renew > 0 {
		s.local(&w.process, j.began+s.renewEvery(), func() { s.renew(w, j) })
	}
	s.strike(w, j, s.world.Crash, crashTime, s.crash)
	s.strike(w, j, s.world.Freeze, freezeTime, s.freeze)
}

// strike plans a misfortune for the time in which the worker has the message.
func (s *simulation) strike(w *loop, j *job, mean time.Duration, what decision, how func(*loop, *job)) {
	if mean == 0 {
		return
	}
	after := float64(mean) * exponential(s.of(what, uint64(j.message), uint64(j.count)))
	s.local(&w.process, s.now+time.Duration(min(after, float64(longest))), func() {
		if w.job == j {
			how(w, j)
		}
	})
}

// crash ends the process; another one begins in its place.
func (s *simulation) crash(w *loop, _ *job) {
	w.process = process{life: w.life + 1}
	w.job, w.pause = nil, s.world.PollMin
	s.local(&w.process, s.now+s.world.Restart, func() { s.receive(w) })
}

// freeze stops the process and its work; requests that are under way are executed.
func (s *simulation) freeze(w *loop, j *job) {
	w.frozen = s.now + s.world.Frozen
	if !j.finished {
		j.ends += s.world.Frozen
	}
}

// finish is when the handler returns.
func (s *simulation) finish(w *loop, j *job) {
	if w.job != j {
		return // cancelled
	}
	if s.now < j.ends { // it was frozen
		s.local(&w.process, j.ends, func() { s.finish(w, j) })
		return
	}
	j.finished = true
	s.watched("ends", j)
	if m := &s.messages[j.message]; !m.finished {
		m.finished, m.done = true, s.now
	}
	if !j.renewing { // else the delete needs its receipt
		s.settle(w, j)
	}
}

// settle is steps 7 to 11. Whatever becomes of it, the worker is done with the message.
func (s *simulation) settle(w *loop, j *job) {
	about := j.about(deleting)
	s.send(request{from: &w.process, about: about,
		execute: func() (reply, named) {
			found := s.account.remove(j.delivery, j.receipt)
			if found {
				s.left--
			}
			return reply{found: found}, about
		},
		done: func(reply, bool) { s.release(w) },
	})
}

func (s *simulation) release(w *loop) {
	w.job = nil
	s.receive(w)
}

func (s *simulation) renewEvery() time.Duration {
	return s.setting.Visibility / time.Duration(s.setting.Renew)
}

// renew extends the lease: see hold and renew of package worker.
func (s *simulation) renew(w *loop, j *job) {
	if w.job != j || j.finished {
		return
	}
	sent := s.now
	last := j.began + s.setting.Visibility - s.setting.Visibility/10
	if sent >= last {
		s.release(w) // the handler is cancelled
		return
	}
	j.renewing = true
	j.renewals++
	about := named{renewing, uint64(j.message), uint64(j.count)<<32 | j.renewals}
	s.send(request{from: &w.process, about: about, until: sent + min(s.renewEvery(), last-sent),
		execute: func() (reply, named) {
			receipt := s.account.update(j.delivery, j.receipt, s.setting.Visibility)
			return reply{receipt: receipt, found: receipt != ""}, about
		},
		done: func(r reply, ok bool) {
			j.renewing = false
			next := s.now + min(s.renewEvery()/4, last-s.now)
			if r.found {
				j.receipt, j.began = r.receipt, sent
				next = sent + s.renewEvery()
			}
			switch {
			case j.finished:
				s.settle(w, j)
			case ok && !r.found:
				s.release(w)
			default:
				s.local(&w.process, next, func() { s.renew(w, j) })
			}
		},
	})
}
