package explore

import (
	"cmp"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"strings"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
)

// hold is an instance that is held before an operation, or frozen.
type hold struct {
	kind  Kind
	until time.Time // at the latest
}

// hold keeps the instance of op from going on. Another instance is started if there is
// none that could do something.
func (p *play) hold(op *operation, kind Kind) {
	in := op.in
	now := time.Now()
	h := &hold{kind: kind}
	if kind == Freeze {
		// Long enough for others to fail some times. Whether they succeed is seen earlier.
		h.until = now.Add(10 * p.lease)
		p.fault(op, kind, "is frozen before ")
	} else {
		h.until = now.Add(longestOverlap)
		for _, l := range in.leases {
			if end := l.until.Add(-time.Second); end.Before(h.until) {
				h.until = end
			}
		}
		p.fault(op, kind, "is held before ")
	}
	in.held = h
	alive, free := 0, 0
	for _, i := range p.instances {
		if i.crashed || i.exited || i.stopped {
			continue
		}
		alive++
		if i.held == nil {
			free++
		}
	}
	if free == 0 && alive < p.world.Limits.Instances {
		p.mustStart()
	}
}

// fault notes one that is no step of its own: the operation comes later.
func (p *play) fault(op *operation, kind Kind, text string) {
	p.event(op.in.ID, text)
	s := &p.outcome.steps[len(p.outcome.steps)-1]
	s.fault, s.what = kind, op.short()
}

// stop tells the instance of op to stop, and starts another one. The operation itself is
// made nevertheless, if its context is another one than the instance's.
func (p *play) stop(op *operation) {
	p.fault(op, Stop, "is told to stop before ")
	op.in.stopped = true
	op.in.cancel()
	p.mustStart()
}

// longestOverlap bounds how long an instance is held that has no lease.
const longestOverlap = 10 * time.Second

func (p *play) mustStart() {
	if err := p.startInstance(); err != nil {
		p.outcome.err = cmp.Or(p.outcome.err, err)
	}
}

// release lets an instance go on whose time has come, and tells whether there is one.
func (p *play) release() bool {
	now := time.Now()
	var first *Instance
	free := false
	for _, in := range p.instances {
		switch {
		case in.crashed || in.exited && in.held == nil:
		case in.held == nil:
			free = true
		case p.due(in, now):
			p.letGo(in)
			return true // one at a time, so that it has the first turn
		case first == nil:
			first = in
		}
	}
	if first != nil && !free {
		p.letGo(first)
		return true
	}
	return false
}

func (p *play) letGo(in *Instance) {
	if in.held.kind == Freeze {
		p.event(in.ID, "thaws")
	} else {
		p.event(in.ID, "goes on")
	}
	in.held = nil
	p.last = in
}

// due tells whether a held instance is to go on.
func (p *play) due(in *Instance, now time.Time) bool {
	if !now.Before(in.held.until) {
		return true
	}
	for _, other := range p.instances {
		if other != in && other.held == nil && !p.isIdle(other) {
			return false
		}
	}
	// The others have nothing to do at the moment. An overlap ends there; a freeze lasts until
	// the lease has ended and they have done what there is.
	return in.held.kind == Overlap || p.left() == 0
}

// isIdle tells whether an instance has nothing to do but wait for messages, and there
// are none that are visible.
func (p *play) isIdle(in *Instance) bool {
	if in.crashed || in.exited && !p.hasPending(in) {
		return true
	}
	if p.inFlight(in) {
		return false
	}
	waiting := in.idle
	for _, op := range p.pending {
		if op.in != in {
			continue
		}
		if op.role != receive {
			return false
		}
		waiting = true
	}
	return (waiting || in.call != nil) && p.account.Queues.Visible(p.world.Queue) == 0
}

func (p *play) hasPending(in *Instance) bool {
	return p.inFlight(in) || slices.ContainsFunc(p.pending, func(op *operation) bool { return op.in == in })
}

// left is how many messages are on the worked queue, visible or not.
func (p *play) left() int { return len(p.account.Queues.Snapshot()[p.world.Queue]) }

// crash ends an instance: nothing it does from now on reaches anyone. Another one takes
// its place.
func (p *play) crash(in *Instance) {
	p.outcome.crashed = true
	in.crashed = true
	in.held = nil
	close(in.dead)
	in.cancel()
	p.abandon(in)
	p.pending = slices.DeleteFunc(p.pending, func(op *operation) bool { return op.in == in })
	p.mustStart()
}

// over tells whether the schedule has come to its end.
func (p *play) over() bool {
	now := time.Now()
	p.mu.Lock()
	panicked := p.panicked
	p.mu.Unlock()
	if panicked.harm != "" && p.outcome.harm == "" {
		p.outcome.verdict = panicked
	}
	if p.outcome.operations > p.world.Limits.Operations {
		p.fail(Endless, fmt.Sprintf("more than %d operations", p.world.Limits.Operations))
	}
	if now.Sub(p.start) > p.world.Limits.Horizon && p.phase == working {
		p.failAtHorizon()
	}
	if p.outcome.harm != "" || p.outcome.err != nil {
		return true
	}
	switch p.phase {
	case working:
		if p.settled() {
			p.phase, p.until = drained, now.Add(grace)
		}
	case drained:
		if p.left() > 0 {
			p.phase = working // the handler has put something on its own queue
		} else if !now.Before(p.until) {
			p.phase, p.until = cancelled, now.Add(grace)
			for _, in := range p.instances {
				in.cancel()
			}
		}
	case cancelled:
		return !now.Before(p.until)
	}
	return false
}

func (p *play) failAtHorizon() {
	if n := p.left(); n > 0 {
		p.fail(Stuck, fmt.Sprintf("%s not settled after %s", messages(n), p.world.Limits.Horizon))
		return
	}
	p.fail(Endless, fmt.Sprintf("still working after %s, though all messages are settled", p.world.Limits.Horizon))
}

func messages(n int) string {
	if n == 1 {
		return "1 message is"
	}
	return fmt.Sprintf("%d messages are", n)
}

// settled tells whether no message is left and no instance has anything to do.
func (p *play) settled() bool {
	for _, in := range p.instances {
		if in.held != nil || !p.isIdle(in) {
			return false
		}
	}
	return p.left() == 0
}

// pause lets time pass until something can happen.
func (p *play) pause() {
	now := time.Now()
	next := p.start.Add(p.world.Limits.Horizon + time.Second)
	if p.phase != working {
		next = p.until
	}
	sooner := func(t time.Time) {
		if t.After(now) && t.Before(next) {
			next = t
		}
	}
	waiting := false
	for _, op := range p.pending {
		if op.role == receive && op.in.held == nil {
			sooner(op.emptyAt())
			waiting = true
		}
	}
	for _, in := range p.instances {
		if in.call != nil && in.held == nil {
			sooner(in.call.due())
			waiting = true
		}
		if in.held != nil {
			sooner(in.held.until)
		}
	}
	if waiting {
		if t, ok := p.account.Queues.NextVisible(); ok {
			sooner(t)
		}
	}
	timer := time.NewTimer(next.Sub(now))
	defer timer.Stop()
	select {
	case <-p.arrived:
	case <-timer.C:
	}
}

// fail notes the first thing that went wrong.
func (p *play) fail(h Harm, text string) {
	if p.outcome.harm == "" {
		p.outcome.harm, p.outcome.text = h, text
	}
}

// end stops what still runs, and takes the final state.
func (p *play) end() {
	p.outcome.end = time.Since(p.start)
	for _, f := range p.schedule.Faults {
		if !p.reached(f) {
			p.outcome.void = true
		}
	}
	p.abandon(nil)
	for _, in := range p.instances {
		in.cancel()
		if !in.exited && !in.crashed {
			// It does not heed its context (or the schedule has failed): let it fall silent.
			p.outcome.crashed = true
			in.crashed = true
			close(in.dead)
		}
	}
	p.outcome.state = p.state()
}

func (p *play) reached(f Fault) bool {
	return f.Instance <= len(p.instances) && p.instances[f.Instance-1].operations >= f.Operation
}

// event notes what is no operation.
func (p *play) event(instance int, text string) {
	p.outcome.steps = append(p.outcome.steps, step{at: time.Since(p.start), instance: instance, event: text})
}

// short is an operation as events name it.
func (op *operation) short() string {
	switch op.role {
	case receive:
		return "GET of messages"
	case settle:
		return "DELETE of its message"
	case renew:
		return "PUT of its message"
	case effect:
		return op.what
	}
	return op.request.Method + " " + op.what
}

func sortedLeases(leases map[string]lease) []lease {
	var all []lease
	for _, l := range leases {
		all = append(all, l)
	}
	slices.SortFunc(all, func(a, b lease) int { return a.number - b.number })
	return all
}

// panicPlace says where the panic that is being recovered from came from: the first frame
// outside of the runtime.
func panicPlace() string {
	pcs := make([]uintptr, 32)
	frames := runtime.CallersFrames(pcs[:runtime.Callers(3, pcs)])
	for {
		f, more := frames.Next()
		if f.Function != "" && !strings.HasPrefix(f.Function, "runtime.") {
			return fmt.Sprintf("%s:%d", f.File[strings.LastIndexByte(f.File, '/')+1:], f.Line)
		}
		if !more {
			return "an unknown place"
		}
	}
}

// describe is an error on one line. Those of the SDK have the whole answer in them.
func describe(err error) string {
	text, _, _ := strings.Cut(err.Error(), "\n")
	var refused *azcore.ResponseError
	if errors.As(err, &refused) {
		text = strings.TrimSpace(fmt.Sprintf("%s → %d %s", text, refused.StatusCode, refused.ErrorCode))
	}
	return text
}
