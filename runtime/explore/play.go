package explore

import (
	"cmp"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing/synctest"
	"time"

	"github.com/idemlint/idemlint/runtime/storage"
)

// The times of a schedule.
const (
	accountName = "explore"
	// tick is what an operation takes.
	tick = time.Millisecond
	// again is after what time a handler that has returned is called again, and a receive that finds
	// nothing is answered. Both double as long as nothing happens.
	again = time.Second
	// longest is where doubling ends.
	longest = time.Hour
	// grace is how long goroutines are waited for: once all messages are settled until
	// the context is cancelled, and from there until they count as left behind.
	grace = 10 * time.Minute
)

// play is one schedule that is being played: account, instances, and the director, who
// executes one operation after the other. It lives in one synctest bubble. What the
// director does it does when all goroutines of the bubble are blocked, so that what it
// finds does not depend on Go's scheduler.
type play struct {
	world     *World
	handler   Handler
	schedule  Schedule
	begin     time.Duration // how far from the bubble's first instant the play begins
	fresh     *fresh
	inTurn    bool // each message is hidden until the one before it is settled
	loseFirst bool // the answer to the first delivery of each message is lost
	wantID    bool // find out the bubble's name

	account *storage.Account
	outside http.Handler
	start   time.Time

	mu        sync.Mutex
	submitted []*operation
	calls     []*call
	landed    []*flight
	panicked  verdict
	arrived   chan struct{} // cap 1: there is something new

	spare     []*wiring // of earlier schedules
	used      []*wiring // of this one
	instances []*Instance
	pending   []*operation
	flights   []*flight // whose answers take time
	hidden    []hidden  // messages whose turn has not come, see showNext
	last      *Instance // whose turn it was last
	repeats   int       // how often it has asked the same in a row
	phase     phase
	until     time.Time // end of the phase, once all messages are settled
	lease     time.Duration

	outcome   outcome
	performed bool // to its end
	broken    any  // the director's own panic
	bubbleID  string

	numbers map[string]int // of messages by id
	lastOp  map[int]time.Time
}

type phase uint8

const (
	working   phase = iota
	drained         // all messages are settled, the handlers are still running
	cancelled       // their contexts are cancelled
)

// call is a handler that has returned and waits for being called again.
type call struct {
	in     *Instance
	resume chan struct{}
	at     time.Time
	quiet  int // calls in a row that made no operation
	exited bool
}

// outcome is what a schedule has left behind.
type outcome struct {
	schedule   Schedule
	steps      []step
	state      State
	effects    []Effect
	seen       []string          // by World.Reader
	writes     map[string]writes // by name in State.Lines
	deliveries deliveries
	start      time.Time
	end        time.Duration
	operations int
	void       bool // a fault stands at an operation that never was
	crashed    bool

	// verdict is what went wrong by itself, without a look at the state.
	verdict
	// lastError is the last error that a handler returned.
	lastError string
	err       error // the world could not be set up
}

// writes of one key: which message wrote it last, when, and whether only over a certain
// version; and when each message did so first.
type writes struct {
	last        string
	latest      time.Duration
	conditional bool
	first       map[string]time.Duration
}

// perform plays the whole schedule; it is the main goroutine of the bubble.
func (p *play) perform() {
	p.bubbleID = bubbleOf(p.wantID)
	time.Sleep(p.begin)
	p.account = storage.New(accountName)
	p.arrived = make(chan struct{}, 1)
	p.numbers = map[string]int{}
	p.lastOp = map[int]time.Time{}
	p.outcome = outcome{schedule: p.schedule, writes: map[string]writes{}}
	p.lease = defaultLease
	if p.world.Outside != nil {
		p.outside = p.world.Outside()
	}
	if err := p.setUp(); err != nil {
		p.outcome.err = err
		return
	}
	p.start = time.Now()
	p.outcome.start = p.start
	p.look()
	for range p.schedule.Workers {
		if err := p.startInstance(); err != nil {
			p.outcome.err = err
			return
		}
	}
	p.direct()
	p.end()
}

// instance makes an instance, with clients of earlier schedules if there are any.
func (p *play) instance(id int) (*Instance, error) {
	var w *wiring
	if n := len(p.spare); n > 0 {
		w, p.spare = p.spare[n-1], p.spare[:n-1]
	} else {
		var err error
		if w, err = newWiring(p.world.Retry); err != nil {
			return nil, err
		}
	}
	p.used = append(p.used, w)
	return w.instance(p, id), nil
}

// startInstance starts one more worker process.
func (p *play) startInstance() error {
	in, err := p.instance(len(p.instances) + 1)
	if err != nil {
		return err
	}
	p.instances = append(p.instances, in)
	if in.ID > p.schedule.Workers {
		p.event(in.ID, "starts")
	}
	go p.live(in)
	return nil
}

// live calls the handler of one instance again and again.
func (p *play) live(in *Instance) {
	defer func() {
		p.mu.Lock()
		p.calls = append(p.calls, &call{in: in, exited: true})
		p.mu.Unlock()
		p.signal()
	}()
	for {
		if !p.callHandler(in) || in.ctx.Err() != nil {
			return
		}
		c := &call{in: in, resume: make(chan struct{})}
		p.mu.Lock()
		p.calls = append(p.calls, c)
		p.mu.Unlock()
		p.signal()
		select {
		case <-c.resume:
		case <-in.ctx.Done():
			return
		}
	}
}

// callHandler tells whether the handler came back in the ordinary way.
func (p *play) callHandler(in *Instance) (ok bool) {
	defer func() {
		r := recover()
		if r == nil || in.isDead() {
			return // nobody sees a dead process panic
		}
		p.mu.Lock()
		p.panicked = verdict{
			harm: Panic, text: fmt.Sprintf("worker %d panics at %s: ", in.ID, panicPlace()), detail: fmt.Sprint(r),
		}
		p.mu.Unlock()
	}()
	err := p.handler(in.ctx, in)
	if err != nil && !in.isDead() {
		p.mu.Lock()
		p.outcome.lastError = describe(err)
		p.mu.Unlock()
	}
	return true
}

// submit hands an operation to the director.
func (p *play) submit(op *operation) {
	op.since = time.Now()
	p.mu.Lock()
	p.submitted = append(p.submitted, op)
	p.mu.Unlock()
	p.signal()
}

func (p *play) signal() {
	select {
	case p.arrived <- struct{}{}:
	default:
	}
}

// direct executes operations until there is nothing left to do.
func (p *play) direct() {
	for {
		time.Sleep(p.pace())
		synctest.Wait()
		p.collect()
		if p.over() {
			return
		}
		p.showNext()
		released := p.release()
		if p.land() {
			continue
		}
		if op := p.pick(); op != nil {
			p.execute(op)
			continue
		}
		if in := p.pickCall(); in != nil {
			resume := in.call.resume
			in.call, p.last = nil, in
			close(resume)
			continue
		}
		if !released { // Otherwise that may have been the end.
			p.pause()
		}
	}
}

// pace is how long the next operation takes: longer and longer, up to a second, while an
// instance asks the same again and again, as it does for a lock that is taken. What it
// waits for may be a matter of time.
func (p *play) pace() time.Duration {
	return min(tick<<min(p.repeats/patience, 20), again)
}

// patience is how often the same may be asked without a change of pace.
const patience = 10

// collect takes in what has happened since the last time.
func (p *play) collect() {
	select {
	case <-p.arrived:
	default:
	}
	p.mu.Lock()
	submitted, calls := p.submitted, p.calls
	p.submitted, p.calls = nil, nil
	p.mu.Unlock()
	for _, op := range submitted {
		op.classify(p.world.Queue)
		p.pending = append(p.pending, op)
	}
	p.sortPending()
	for _, c := range calls {
		if c.exited {
			c.in.exited, c.in.call = true, nil
			continue
		}
		c.at = time.Now()
		c.quiet = c.in.quietCalls()
		c.in.call = c
	}
	p.pending = slices.DeleteFunc(p.pending, func(op *operation) bool {
		return op.withdrawn.Load() || op.in.crashed
	})
}

// sortPending puts the operations that wait in the order of their instances, and those of
// one instance in an order that does not depend on Go's scheduler.
func (p *play) sortPending() {
	if len(p.pending) < 2 {
		return
	}
	for _, op := range p.pending {
		if op.key == "" {
			op.key = op.order(p.fresh)
		}
	}
	slices.SortStableFunc(p.pending, func(a, b *operation) int {
		return cmp.Or(a.in.ID-b.in.ID, strings.Compare(a.key, b.key))
	})
}

// pick chooses the operation whose turn it is: of the instance whose turn it was last, if
// it has one, so that instances take turns only where a fault, a wait, the end of the work
// or a loop that waits for another one makes them.
func (p *play) pick() *operation {
	now := time.Now()
	var first, own *operation
	for _, op := range p.pending {
		if op.in.held != nil || !p.ready(op, now) {
			continue
		}
		if op.in == p.last {
			if p.repeats < patience {
				return op
			}
			own = op
			continue
		}
		if first == nil {
			first = op
		}
	}
	if first == nil {
		return own
	}
	return first
}

// ready tells whether op is to be executed now. All are but receives that would find
// nothing: they wait for a while.
func (p *play) ready(op *operation, now time.Time) bool {
	return op.role != receive || op.index > 0 || p.account.Queues.Visible(op.queue) > 0 || !now.Before(op.emptyAt())
}

// emptyAt is when a receive is answered though there is nothing.
func (op *operation) emptyAt() time.Time { return op.since.Add(double(op.in.empty)) }

// double is the n-th of doubling times.
func double(n int) time.Duration { return min(again<<min(n, 20), longest) }

// pickCall chooses an instance whose handler is called again.
func (p *play) pickCall() *Instance {
	now := time.Now()
	if p.phase == cancelled {
		return nil
	}
	visible := p.account.Queues.Visible(p.world.Queue) > 0
	for _, in := range p.instances {
		if in.call != nil && in.held == nil && !in.crashed && visible && !now.Before(in.call.due()) {
			return in
		}
	}
	return nil
}

func (c *call) due() time.Time { return c.at.Add(double(c.quiet)) }

// quietCalls counts the calls of the handler up to now that made no operation.
func (in *Instance) quietCalls() int {
	if in.operations != in.atCall {
		in.quiet = 0
	} else {
		in.quiet++
	}
	in.atCall = in.operations
	return in.quiet
}
