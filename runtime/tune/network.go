package tune

import "time"

// process is what a request is sent by, as far as the network is concerned: it can die,
// and what was planned for it then does not happen; and it can be frozen, and then it
// happens later.
type process struct {
	life   int
	frozen time.Duration // until when
}

// local plans what process p does at t.
func (s *simulation) local(p *process, t time.Duration, do func()) {
	life := p.life
	var act func()
	act = func() {
		switch {
		case p.life != life:
		case s.now < p.frozen:
			s.at(p.frozen, act)
		default:
			do()
		}
	}
	s.at(t, act)
}

// kind is what a request is for.
type kind uint64

const (
	receiving kind = iota
	renewing
	deleting
	sending
)

// named says what chance is to know about a request: which message and which delivery, for
// instance.
type named struct {
	kind kind
	a, b uint64
}

// reply is what the service answered: to a receive, an update or a delete.
type reply struct {
	received *delivery
	receipt  string
	found    bool
}

// request is one request of a process, with all its tries.
type request struct {
	from  *process
	about named
	// until is when the process gives up, whatever the retries; 0 for never.
	until time.Duration
	// execute is what the service does. For a receive, what the answer is about becomes
	// known only there.
	execute func() (reply, named)
	// done gets the answer; ok is false when there was none.
	done func(r reply, ok bool)
}

// send is a request with the setting's timeout and retries.
func (s *simulation) send(r request) { s.try(r, 0) }

func (s *simulation) try(r request, n int) {
	s.result.Requests++
	sent := s.now
	u := func(what decision, about named) float64 {
		return s.of(what, uint64(about.kind), about.a, about.b, uint64(n))
	}
	takes := s.world.Request.draw(u(roundTrip, r.about))
	patience := s.setting.Timeout
	if patience == 0 {
		patience = s.world.Hang
	}
	if r.until > 0 {
		patience = min(patience, r.until-sent)
	}
	fails := func(t time.Duration) { s.local(r.from, t, func() { s.again(r, n) }) }
	// lost is when the client knows that something was lost on the way.
	lost := func() time.Duration {
		if u(noticed, r.about) < s.world.Noticed {
			return sent + min(takes, patience)
		}
		return sent + patience
	}
	if u(lostWay, r.about) < s.world.LostRequests {
		fails(lost())
		return
	}
	late := takes/2 > patience // the client gives up before the request has arrived
	if late {
		fails(sent + patience)
	}
	s.at(sent+takes/2, func() {
		answer, about := r.execute()
		switch {
		case late:
		case u(lostBack, about) < s.world.LostAnswers:
			fails(lost())
		case takes > patience:
			fails(sent + patience)
		default:
			s.local(r.from, sent+takes, func() { r.done(answer, true) })
		}
	})
}

// again is after try n brought no answer.
func (s *simulation) again(r request, n int) {
	if n == s.setting.Retry.Retries {
		r.done(reply{}, false)
		return
	}
	jitter := s.of(retryPause, uint64(r.about.kind), r.about.a, r.about.b, uint64(n))
	next := s.now + s.setting.Retry.before(n+1, jitter)
	if r.until > 0 && next >= r.until {
		s.local(r.from, r.until, func() { r.done(reply{}, false) })
		return
	}
	s.local(r.from, next, func() { s.try(r, n+1) })
}
