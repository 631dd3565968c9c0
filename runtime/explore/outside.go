package explore

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"slices"
	"strconv"
	"testing/synctest"
	"time"
)

// flight is a request that has arrived, until its answer does.
type flight struct {
	op       *operation
	kind     Kind // what goes wrong with its answer
	response *http.Response

	// Of one to the world outside:
	step   int // its place among the steps, once it is known that the answer takes time
	cancel context.CancelFunc
	broken any // what World.Outside has panicked with
}

// sendOutside lets the world outside begin with a request, in a goroutine of its own: it may
// sleep, which must not keep anybody else from his work. It tells whether the answer is
// there at once.
func (p *play) sendOutside(f *flight) bool {
	op := f.op
	p.outcome.effects = append(p.outcome.effects, p.effect(op))
	if p.outside == nil {
		rec := recorder{header: http.Header{"Content-Type": {"application/json"}}}
		rec.body.WriteString("{}")
		f.response = rec.response(op.request)
		return true
	}
	var ctx context.Context
	ctx, f.cancel = context.WithCancel(op.request.Context())
	go func() {
		defer func() {
			f.broken = recover()
			p.mu.Lock()
			p.landed = append(p.landed, f)
			p.mu.Unlock()
			p.signal()
		}()
		rec := recorder{header: http.Header{}}
		r := withBody(op.request, op.body).WithContext(ctx)
		if r.Host == "" {
			r.Host = r.URL.Host
		}
		p.outside.ServeHTTP(&rec, r)
		f.response = rec.response(op.request)
	}()
	synctest.Wait()
	p.mu.Lock()
	atOnce := slices.Contains(p.landed, f)
	p.landed = slices.DeleteFunc(p.landed, func(l *flight) bool { return l == f })
	p.mu.Unlock()
	if atOnce {
		f.end()
	}
	return atOnce
}

// end is the end of the goroutine that answers.
func (f *flight) end() {
	f.cancel()
	if f.broken != nil {
		panic(f.broken)
	}
}

// takeOff takes note of a request whose answer takes time.
func (p *play) takeOff(f *flight, s step) {
	f.step = len(p.outcome.steps)
	s.unheard = true
	p.outcome.steps = append(p.outcome.steps, s)
	p.flights = append(p.flights, f)
	p.repeats = 0
	if f.kind == LoseAnswer {
		p.deliver(f) // For how long the client waits has nothing to do with it.
	}
}

// land takes an answer that has taken its time, one in each turn.
func (p *play) land() bool {
	p.mu.Lock()
	if len(p.landed) == 0 {
		p.mu.Unlock()
		return false
	}
	slices.SortFunc(p.landed, func(a, b *flight) int { return a.step - b.step })
	f := p.landed[0]
	p.landed = p.landed[1:]
	p.mu.Unlock()
	f.end()
	p.flights = slices.DeleteFunc(p.flights, func(other *flight) bool { return other == f })
	in, s := f.op.in, &p.outcome.steps[f.step]
	s.took = time.Since(p.start) - s.at
	if in.crashed || f.op.withdrawn.Load() { // Nobody waits for it any more.
		if f.response.StatusCode < 300 {
			p.noteWrite(in, f.op)
			p.look()
		}
		return true
	}
	s.unheard = false
	p.last = in
	p.understand(f.op, s, f.response)
	if f.kind != LoseAnswer {
		p.deliver(f)
	}
	return true
}

// inFlight tells whether an instance waits for an answer of the world outside.
func (p *play) inFlight(in *Instance) bool {
	return slices.ContainsFunc(p.flights, func(f *flight) bool {
		return f.op.in == in && f.kind != LoseAnswer && !f.op.withdrawn.Load()
	})
}

// abandon tells the world outside that nobody waits for its answers any more: those of one
// instance, or of all.
func (p *play) abandon(in *Instance) {
	for _, f := range p.flights {
		if in == nil || f.op.in == in {
			f.cancel()
		}
	}
}

// recorder keeps an answer of the world outside.
type recorder struct {
	header http.Header
	status int
	body   bytes.Buffer
}

func (r *recorder) Header() http.Header { return r.header }

func (r *recorder) WriteHeader(status int) {
	if r.status == 0 {
		r.status = status
	}
}

func (r *recorder) Write(b []byte) (int, error) { return r.body.Write(b) }

func (r *recorder) response(to *http.Request) *http.Response {
	if r.status == 0 {
		r.status = http.StatusOK
	}
	return &http.Response{
		Status: strconv.Itoa(r.status) + " " + http.StatusText(r.status), StatusCode: r.status,
		Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1, Header: r.header,
		Body: io.NopCloser(&r.body), ContentLength: int64(r.body.Len()), Request: to,
	}
}
