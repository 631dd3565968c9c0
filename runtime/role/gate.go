package role

import (
	"context"
	"errors"
	"io"
	"net/http"
	"sync"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"
)

// endError is why a request of an instance that is no more was refused. azcore asks for
// NonRetriable, so that a dead client does not try again.
type endError struct{ reason string }

func (e *endError) Error() string { return "role: " + e.reason }
func (e *endError) NonRetriable() {}

var (
	// ErrKilled is the error of everything a killed instance asks for.
	ErrKilled error = &endError{"instance was killed"}
	// ErrStopped is the error of everything an instance asks for after it has stopped or
	// its Run has returned.
	ErrStopped error = &endError{"instance has stopped"}
)

// gate stands between an instance and everything outside of it.
type gate struct {
	mu     sync.Mutex
	ended  error
	died   chan struct{} // closed when ended is set
	thawed chan struct{} // not nil while frozen; closed at thaw and at the end
	flying map[*flight]struct{}

	machine int // counts the machines the instance has been on
}

// flight is a request that has left the instance and has not been answered in full.
type flight struct{ cancel context.CancelCauseFunc }

func newGate() *gate {
	return &gate{died: make(chan struct{}), flying: map[*flight]struct{}{}, machine: 1}
}

// state is the channel that a frozen instance waits on, and the reason of the end.
func (g *gate) state() (thawed <-chan struct{}, ended error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.thawed, g.ended
}

// pass returns when the instance may act: at once, at thaw, or never with the reason. No
// context cuts the wait short: a frozen process does not notice that its time is up.
func (g *gate) pass() error {
	for {
		thawed, ended := g.state()
		if ended != nil {
			return ended
		}
		if thawed == nil {
			return nil
		}
		<-thawed
	}
}

// admit is pass for somebody outside, whose own context runs on.
func (g *gate) admit(ctx context.Context) error {
	for {
		thawed, ended := g.state()
		if ended != nil {
			return ended
		}
		if err := ctx.Err(); err != nil {
			return err
		}
		if thawed == nil {
			return nil
		}
		select {
		case <-thawed:
		case <-ctx.Done():
		}
	}
}

// depart waits until the instance may act, and sends a request on its way: its context
// is cancelled when the instance is killed.
func (g *gate) depart(ctx context.Context) (context.Context, *flight, error) {
	for {
		if err := g.pass(); err != nil {
			return nil, nil, err
		}
		// A request that was held past its own deadline is not sent any more.
		if err := ctx.Err(); err != nil {
			return nil, nil, err
		}
		g.mu.Lock()
		if g.ended == nil && g.thawed == nil {
			ctx, cancel := context.WithCancelCause(ctx)
			f := &flight{cancel: cancel}
			g.flying[f] = struct{}{}
			g.mu.Unlock()
			return ctx, f, nil
		}
		g.mu.Unlock()
	}
}

func (g *gate) arrive(f *flight) {
	g.mu.Lock()
	delete(g.flying, f)
	g.mu.Unlock()
	f.cancel(nil)
}

// end shuts the gate for good; the first reason stays. It reports whether it was open.
func (g *gate) end(reason error) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.ended != nil {
		return false
	}
	g.ended = reason
	close(g.died)
	if g.thawed != nil {
		close(g.thawed)
		g.thawed = nil
	}
	for f := range g.flying {
		f.cancel(reason)
	}
	return true
}

func (g *gate) freeze() error {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.ended != nil {
		return g.ended
	}
	if g.thawed != nil {
		return ErrFrozen
	}
	g.thawed = make(chan struct{})
	return nil
}

func (g *gate) thaw() error {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.ended != nil {
		return g.ended
	}
	if g.thawed == nil {
		return ErrNotFrozen
	}
	g.machine++
	close(g.thawed)
	g.thawed = nil
	return nil
}

var (
	// ErrFrozen is Freeze's error for an instance that is frozen already.
	ErrFrozen = errors.New("role: instance is frozen")
	// ErrNotFrozen is Thaw's error for an instance that is not frozen.
	ErrNotFrozen = errors.New("role: instance is not frozen")
)

// transport sends requests through the gate to next.
type transport struct {
	gate *gate
	next policy.Transporter
}

func (t *transport) Do(r *http.Request) (*http.Response, error) {
	ctx, f, err := t.gate.depart(r.Context())
	if err != nil {
		return nil, err
	}
	answer, err := t.next.Do(r.WithContext(ctx))
	// The answer, too, must find the instance alive and awake.
	if late := t.late(r); late != nil {
		if err == nil {
			answer.Body.Close()
		}
		t.gate.arrive(f)
		return nil, late
	}
	if err != nil {
		t.gate.arrive(f)
		return nil, err
	}
	answer.Request = r
	answer.Body = &body{ReadCloser: answer.Body, gate: t.gate, flight: f}
	return answer, nil
}

func (t *transport) late(r *http.Request) error {
	if err := t.gate.pass(); err != nil {
		return err
	}
	return r.Context().Err()
}

// body is an answer that is still being read: a dead instance reads no more of it.
type body struct {
	io.ReadCloser
	gate   *gate
	flight *flight
}

func (b *body) Read(p []byte) (int, error) {
	if err := b.gate.pass(); err != nil {
		return 0, err
	}
	return b.ReadCloser.Read(p)
}

func (b *body) Close() error {
	err := b.ReadCloser.Close()
	b.gate.arrive(b.flight)
	return err
}
