package role

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"runtime/debug"
	"sync"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"
	"github.com/idemlint/idemlint/runtime/storage"
)

// Instance is one life of one process of a role: from [Start] to its stop, its kill, or
// the return of its Run. Safe for concurrent use.
type Instance struct {
	name    string
	role    Role
	gate    *gate
	scratch *Scratch
	clients storage.Clients
	handler http.Handler

	cancel context.CancelCauseFunc // of Run's context
	done   chan struct{}           // closed when Run and all requests to Handler have returned

	mu       sync.Mutex
	err      error // of Run; read after done
	stopping bool
	serving  int           // requests in Handler and callers that wait: see enter
	idle     chan struct{} // not nil while somebody waits for serving to be 0
}

// PanicError is what Run panicked with. The process of such an instance is dead.
type PanicError struct {
	Value any
	Stack []byte
}

func (e *PanicError) Error() string { return fmt.Sprintf("role: panic: %v", e.Value) }

// ErrGrace is Stop's error for an instance that had to be killed.
var ErrGrace = errors.New("role: instance did not stop within its grace period")

// Start begins the life of an instance called name. When ctx is cancelled the instance
// is told to stop, as by Stop but without a limit. It fails when the clients or the
// handler cannot be made.
func Start(ctx context.Context, service Service, r Role, name string) (*Instance, error) {
	r = r.withDefaults()
	in := &Instance{name: name, role: r, gate: newGate(), done: make(chan struct{})}
	in.scratch = newScratch(in.gate, r.Scratch, r.ScratchDir, name)
	var err error
	if in.clients, err = service.Dial(in.Through(service), r.retry()); err != nil {
		return nil, err
	}
	if r.Handler != nil {
		if in.handler, err = r.Handler(in); err != nil {
			return nil, err
		}
	}
	ctx, in.cancel = context.WithCancelCause(ctx)
	go in.live(ctx)
	return in, nil
}

// live is the whole life of the process.
func (in *Instance) live(ctx context.Context) {
	defer close(in.done)
	defer in.scratch.discard()
	defer in.cancel(ErrStopped)
	err := in.run(ctx)
	in.await()
	in.mu.Lock()
	in.err = err
	in.mu.Unlock()
	in.gate.end(ErrStopped)
}

func (in *Instance) run(ctx context.Context) (err error) {
	defer func() {
		if v := recover(); v != nil {
			in.gate.end(ErrKilled) // nothing that the process left behind survives a panic
			err = &PanicError{Value: v, Stack: debug.Stack()}
		}
	}()
	if in.role.Run == nil {
		<-ctx.Done()
		return nil
	}
	return in.role.Run(ctx, in)
}

// Name is the name given to Start.
func (in *Instance) Name() string { return in.name }

// Machine names the machine the instance runs on: another one after each thaw.
func (in *Instance) Machine() string {
	in.gate.mu.Lock()
	defer in.gate.mu.Unlock()
	return fmt.Sprintf("%s-machine-%d", in.name, in.gate.machine)
}

// Clients are the instance's own clients of the storage account.
func (in *Instance) Clients() storage.Clients { return in.clients }

// Visibility is how long messages that this role receives stay hidden.
func (in *Instance) Visibility() time.Duration { return in.role.Visibility }

// Scratch is the local folder of the instance.
func (in *Instance) Scratch() *Scratch { return in.scratch }

// Through makes next a part of what the instance can be cut off from: its requests fail
// when the instance is killed and are held while it is frozen. For services other than
// the storage account.
func (in *Instance) Through(next policy.Transporter) policy.Transporter {
	return &transport{gate: in.gate, next: next}
}

// Reach performs an effect that is not a request, such as a test's list of mails sent.
// It waits while the instance is frozen, and fails without calling effect when the
// instance is dead or ctx is done. The error is ErrKilled when the instance died
// meanwhile, although the effect has happened.
func (in *Instance) Reach(ctx context.Context, effect func() error) error {
	_, f, err := in.gate.depart(ctx)
	if err != nil {
		return err
	}
	defer in.gate.arrive(f)
	err = effect()
	if late := in.gate.pass(); late != nil {
		return late
	}
	return err
}

// Done is closed when Run and all requests to Handler have returned. For a killed
// instance that may be long after the kill: see the package documentation.
func (in *Instance) Done() <-chan struct{} { return in.done }

// Wait waits for Done and returns Run's error, a *PanicError if it panicked.
func (in *Instance) Wait() error {
	<-in.done
	in.mu.Lock()
	defer in.mu.Unlock()
	return in.err
}

// Ended is why the instance's requests are refused, ErrKilled or ErrStopped, or nil
// while it lives.
func (in *Instance) Ended() error {
	_, ended := in.gate.state()
	return ended
}

// Stop cancels Run's context, takes no more requests, and waits. When the grace period
// is over it kills, and returns [ErrGrace]. A frozen instance does not notice that it is
// being stopped: unless it is thawed in time, it is killed. Scratch is discarded. Stop
// returns Run's error; for an instance that is dead already, the reason.
func (in *Instance) Stop() error {
	if ended := in.Ended(); ended != nil {
		return ended
	}
	in.tell()
	return in.stopped()
}

// tell is the part of Stop that the process notices.
func (in *Instance) tell() {
	in.mu.Lock()
	in.stopping = true
	in.mu.Unlock()
	in.cancel(ErrStopped)
}

// stopped is the part of Stop that waits.
func (in *Instance) stopped() error {
	grace := time.NewTimer(in.role.Grace)
	defer grace.Stop()
	select {
	case <-in.done:
		return in.Wait()
	case <-grace.C:
		in.Kill()
		return ErrGrace
	}
}

// Kill ends the instance at once: from now on nothing it asks for is done. Scratch is
// discarded. It does not wait for the code that is left behind: see [Instance.Done].
// Killing a dead instance does nothing.
func (in *Instance) Kill() {
	in.gate.end(ErrKilled)
	in.cancel(ErrKilled)
	in.scratch.discard()
}

// Freeze holds the requests of the instance, and the answers to those under way, until
// Thaw or Kill. Scratch is discarded. It fails for an instance that is dead, or frozen
// already.
func (in *Instance) Freeze() error {
	if err := in.gate.freeze(); err != nil {
		return err
	}
	in.scratch.discard()
	return nil
}

// Thaw lets a frozen instance go on, on another machine. Held requests whose context is
// done by now fail with the context's error and are not sent. It fails for an instance
// that is dead or not frozen.
func (in *Instance) Thaw() error { return in.gate.thaw() }
