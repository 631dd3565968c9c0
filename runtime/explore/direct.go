package explore

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/idemlint/idemlint/runtime/internal/wire"
)

// execute gives op its turn: what the schedule says happens to it.
func (p *play) execute(op *operation) {
	in := op.in
	p.last = in
	thawed := op.index > 0
	if !thawed {
		in.operations++
		op.index = in.operations
		p.outcome.operations++
	}
	s := p.step(op)
	s.thawed = thawed
	kind := p.schedule.fault(in.ID, op.index, op.turns)
	op.turns++
	s.fault = kind
	switch kind {
	case Overlap, Freeze:
		p.hold(op, kind)
		return
	case Stop:
		p.stop(op)
		return
	case CrashBefore:
		p.outcome.steps = append(p.outcome.steps, s)
		p.remove(op)
		p.crash(in)
		return
	case LoseRequest:
		p.outcome.steps = append(p.outcome.steps, s)
		p.remove(op)
		op.answer <- answer{err: errTimeout}
		in.idle = false
		return
	case Busy:
		p.remove(op)
		p.busy(op, s)
		return
	}
	p.remove(op)
	f := &flight{op: op, kind: kind}
	if op.role != effect {
		f.response = p.serve(op)
	} else if !p.sendOutside(f) {
		p.takeOff(f, s)
		return
	}
	p.understand(op, &s, f.response)
	p.noteRepeat(&s)
	if p.loseFirst && s.isFirstDelivery() {
		f.kind = LoseAnswer
	}
	p.outcome.steps = append(p.outcome.steps, s)
	p.deliver(f)
}

// busy answers that the service has too much to do.
func (p *play) busy(op *operation, s step) {
	rec := recorder{header: http.Header{}}
	refusal := wire.Refuse(http.StatusServiceUnavailable, "ServerBusy", "The server is currently unable to receive requests. Please retry your request.")
	switch storageService(op.request.URL.Host) {
	case "table":
		refusal.WriteJSON(&rec)
	case "":
		rec.WriteHeader(refusal.Status)
	default:
		refusal.WriteXML(&rec, op.request)
	}
	s.status, s.answer = rec.status, rec.body.Bytes()
	p.outcome.steps = append(p.outcome.steps, s)
	op.in.idle = false
	op.answer <- answer{response: rec.response(op.request)}
}

// deliver gives an instance its answer, or what the schedule says instead.
func (p *play) deliver(f *flight) {
	switch f.kind {
	case CrashAfter:
		p.crash(f.op.in)
	case LoseAnswer:
		f.op.answer <- answer{err: errTimeout}
	default:
		f.op.answer <- answer{response: f.response}
	}
}

// noteRepeat counts how often an instance has asked the same, with the same answer.
func (p *play) noteRepeat(s *step) {
	p.repeats++
	if n := len(p.outcome.steps); n > 0 {
		if l := &p.outcome.steps[n-1]; l.event == "" && l.instance == s.instance && l.role == s.role &&
			l.method == s.method && l.what == s.what && l.status == s.status {
			return
		}
	}
	p.repeats = 0
}

func (p *play) step(op *operation) step {
	in := op.in
	now := time.Now()
	s := step{
		at: now.Sub(p.start), instance: in.ID, index: op.index, role: op.role,
		method: op.request.Method, what: op.what, query: op.request.URL.RawQuery, body: op.body,
		ifMatch: op.request.Header.Get("If-Match"),
		gap:     now.Sub(p.lastOf(in)), holding: len(in.leases) > 0, switches: p.othersBusy(in),
	}
	if s.ifMatch == "" {
		if none := op.request.Header.Get("If-None-Match"); none != "" {
			s.ifMatch = "none " + none
		}
	}
	if op.message != "" && (op.role == settle || op.role == renew) {
		s.messages = []delivered{{message: p.number(op.message)}}
	}
	return s
}

func (p *play) lastOf(in *Instance) time.Time {
	last, ok := p.lastOp[in.ID]
	p.lastOp[in.ID] = time.Now()
	if !ok {
		return p.start
	}
	return last
}

// othersBusy tells whether another instance could do something while in is held.
func (p *play) othersBusy(in *Instance) bool {
	if p.account.Queues.Visible(p.world.Queue) > 0 {
		return true
	}
	for _, other := range p.instances {
		if other != in && !other.crashed && !other.exited && !p.isIdle(other) {
			return true
		}
	}
	return false
}

func (p *play) remove(op *operation) {
	for i, o := range p.pending {
		if o == op {
			p.pending = append(p.pending[:i], p.pending[i+1:]...)
			return
		}
	}
}

// serve lets the account answer.
func (p *play) serve(op *operation) *http.Response {
	// From here on the client's context does not matter: the request has arrived.
	response, err := p.account.Do(withBody(op.request, op.body).WithContext(context.Background()))
	if err != nil {
		panic(err) // It fails only on a context that is done.
	}
	return response
}

// understand takes note of what an executed operation has done: leases, first writes.
func (p *play) understand(op *operation, s *step, response *http.Response) {
	in := op.in
	body, _ := io.ReadAll(response.Body) // reading from memory does not fail
	response.Body = io.NopCloser(bytes.NewReader(body))
	s.status, s.answer = response.StatusCode, body
	ok := response.StatusCode < 300
	in.idle = false
	if op.role != receive {
		in.empty = 0
	}
	switch op.role {
	case receive:
		p.understandReceive(op, s, body, ok)
	case settle:
		if ok {
			delete(in.leases, op.message)
		}
	case renew:
		p.lease = max(p.lease, op.lease)
		p.outcome.deliveries.give(response.Header.Get("X-Ms-Popreceipt"), response.Header.Get("X-Ms-Time-Next-Visible"), 0)
		if l, found := in.leases[op.message]; ok && found {
			l.until = time.Now().Add(op.lease)
			in.leases[op.message] = l
			s.messages[0].until = l.until.Sub(p.start)
		}
	case write, effect:
		if ok {
			p.noteWrite(in, op)
		}
		p.look()
	}
}

func (p *play) understandReceive(op *operation, s *step, body []byte, ok bool) {
	in := op.in
	got := parseReceived(body)
	if !ok || len(got) == 0 {
		in.empty++
		in.idle = ok && op.queue == p.world.Queue
		return
	}
	in.empty = 0
	for _, m := range got {
		p.outcome.deliveries.give(m.receipt, m.visible, m.count)
	}
	if op.queue != p.world.Queue {
		return
	}
	p.lease = max(p.lease, op.lease)
	until := time.Now().Add(op.lease)
	for _, m := range got {
		n := p.number(m.id)
		in.leases[m.id] = lease{number: n, until: until}
		s.messages = append(s.messages, delivered{message: n, count: m.count, until: until.Sub(p.start)})
		if p.world.Once && m.count > 1 && len(p.schedule.Faults) == 0 && !p.loseFirst {
			p.fail(Twice, "message "+label(n)+" was received a second time, though nothing went wrong")
		}
		if m.count > p.world.Limits.Deliveries {
			p.fail(Stuck, "message "+label(n)+" was delivered "+strconv.Itoa(m.count)+" times and is not settled")
		}
	}
}

// noteWrite remembers for which message a key was written.
func (p *play) noteWrite(in *Instance, op *operation) {
	message := in.workingOn()
	w := p.outcome.writes[op.what]
	if w.first == nil {
		w.first = map[string]time.Duration{}
	}
	w.last, w.latest, w.conditional = message, time.Since(p.start), conditional(op.request)
	if _, ok := w.first[message]; !ok {
		w.first[message] = w.latest
	}
	p.outcome.writes[op.what] = w
}

// conditional tells whether a write is to a certain version only, or to none.
func conditional(r *http.Request) bool {
	match := r.Header.Get("If-Match")
	return match != "" && match != "*" || r.Header.Get("If-None-Match") != ""
}

// workingOn names the messages that in holds, "" if none.
func (in *Instance) workingOn() string {
	var names []string
	for _, l := range sortedLeases(in.leases) {
		names = append(names, label(l.number))
	}
	return strings.Join(names, "+")
}

// number is the number of the message with this id.
func (p *play) number(id string) int {
	n, ok := p.numbers[id]
	if !ok { // put later, by the handler itself
		n = max(len(p.numbers), len(p.world.Messages)) + 1
		p.numbers[id] = n
	}
	return n
}

func label(message int) string { return "m" + strconv.Itoa(message) }

type receivedMessage struct {
	id, receipt, visible string
	count                int
}

// parseReceived reads what is needed out of the answer to a receive. It is called for each
// one, and decoding XML would take longer than all the rest.
func parseReceived(body []byte) []receivedMessage {
	var got []receivedMessage
	rest := string(body)
	for {
		id, after, found := element(rest, "MessageId")
		if !found {
			return got
		}
		m := receivedMessage{id: id, count: 1}
		m.receipt, after, _ = element(after, "PopReceipt")
		m.visible, after, _ = element(after, "TimeNextVisible")
		count, after, found := element(after, "DequeueCount")
		if found {
			m.count, _ = strconv.Atoi(count)
		}
		rest = after
		got = append(got, m)
	}
}

func element(s, name string) (content, after string, found bool) {
	_, s, found = strings.Cut(s, "<"+name+">")
	if !found {
		return "", "", false
	}
	return strings.Cut(s, "</"+name+">")
}
