package explore

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"time"
)

// hidden is a message that nobody sees until its turn comes.
type hidden struct{ id, receipt string }

// hiddenFor is longer than any schedule lasts: what is hidden so long is shown by showNext.
const hiddenFor = 7 * 24 * time.Hour

// showNext makes the next message visible once those before it are settled, in executions
// that are to handle one message after the other. Otherwise a handler that receives
// several at once, and works on them at once, could lose an update in the very executions
// that say what is right.
func (p *play) showNext() {
	if len(p.hidden) == 0 || p.phase != working || p.atWork() {
		return
	}
	m := p.hidden[0]
	p.hidden = p.hidden[1:]
	path := p.world.Queue + "/messages/" + m.id + "?visibilitytimeout=0&popreceipt=" + url.QueryEscape(m.receipt)
	_, _ = p.ask(http.MethodPut, path, "") // It fails if the handler has cleared the queue.
}

// atWork tells whether a message is not settled that was shown, or put by the handler and
// received, or whether an instance still does something.
func (p *play) atWork() bool {
	if len(p.flights) > 0 || slices.ContainsFunc(p.pending, func(op *operation) bool { return op.role != receive }) {
		return true
	}
	now := time.Now()
	for _, m := range p.account.Queues.Snapshot()[p.world.Queue] {
		if slices.ContainsFunc(p.hidden, func(h hidden) bool { return h.id == m.ID }) {
			continue
		}
		if !m.NextVisible.After(now) || p.isWorkedOn(m.ID) {
			return true
		}
	}
	return false
}

// isWorkedOn tells whether an instance has received a message and not settled it.
func (p *play) isWorkedOn(id string) bool {
	return slices.ContainsFunc(p.instances, func(in *Instance) bool {
		_, received := in.leases[id]
		return received
	})
}

// inTurn plays an order of the messages so that each is handled once, after the one before
// it. Where that comes to no good end, since a handler waits for several of them before it
// begins, or one of them for a later one, they are all visible, as in other schedules.
func (e *explorer) inTurn(order []int, begin time.Duration) *outcome {
	s := Schedule{Messages: order, Workers: 1, world: len(e.world.Messages)}
	o := e.inBubble(&play{world: &e.world, handler: e.handler, schedule: s, begin: begin, inTurn: true})
	if o.harm != "" && len(order) > 1 {
		return e.bubble(s, begin)
	}
	return o
}

// hiddenAtFirst is for how long a message at this position of the schedule is hidden, as
// the queue service takes it: a second longer for each, so that they are delivered in this
// order, or until its turn comes.
func (p *play) hiddenAtFirst(position int) string {
	if p.inTurn && position > 0 {
		return strconv.Itoa(int(hiddenFor / time.Second))
	}
	return strconv.Itoa(max(position, 0))
}
