package role

import (
	"context"
	"errors"
	"net/http"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"

	"github.com/idemlint/idemlint/runtime/internal/wire"
)

// ErrNoAnswer is the caller's error when the handler of a web role panicked, or the
// instance died before it answered. The request may have been executed, in part or
// wholly.
var ErrNoAnswer = errors.New("role: no answer")

// ErrNoHandler is Do's error for a role without Handler.
var ErrNoHandler = errors.New("role: not a web role")

// Do sends a request to the instance's web role. What becomes of it is what becomes of
// requests on a network:
//
//	dead or stopping     ErrKilled or ErrStopped; not executed
//	frozen               waits for a thaw or the end of r's context; not executed till then
//	dies in the handler  ErrNoAnswer; executed in part
//	frozen in it         the answer is held
//
// The handler's context is r's, also cancelled when the instance dies. The answer is
// handed over when the handler has returned; nothing is streamed.
func (in *Instance) Do(r *http.Request) (*http.Response, error) {
	if in.handler == nil {
		return nil, ErrNoHandler
	}
	if err := in.gate.admit(r.Context()); err != nil {
		return nil, err
	}
	if err := in.enter(); err != nil {
		return nil, err
	}
	defer in.leave()
	ctx, cancel := context.WithCancelCause(r.Context())
	answer := &wire.Answer{}
	served := make(chan bool, 1)
	go func() {
		defer in.leave()
		served <- serve(in.handler, answer, incoming(ctx, r))
	}()
	defer cancel(nil)
	select {
	case ok := <-served:
		if !ok {
			return nil, ErrNoAnswer
		}
	case <-in.gate.died:
		cancel(ErrKilled)
		return nil, ErrNoAnswer
	case <-r.Context().Done():
		return nil, r.Context().Err()
	}
	if err := in.gate.admit(r.Context()); err != nil {
		if in.Ended() != nil && r.Context().Err() == nil {
			return nil, ErrNoAnswer
		}
		return nil, err
	}
	return answer.Response(r), nil
}

// Client is an http.Client that sends its requests, whatever their host, to an instance or
// a deployment of a web role, or to a [Lossy] network before one.
func Client(via policy.Transporter) *http.Client {
	return &http.Client{Transport: roundTripper{via}}
}

type roundTripper struct{ via policy.Transporter }

func (t roundTripper) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.Body != nil {
		defer r.Body.Close()
	}
	return t.via.Do(r)
}

// incoming is r as a server sees it.
func incoming(ctx context.Context, r *http.Request) *http.Request {
	in := r.Clone(ctx)
	if in.Body == nil {
		in.Body = http.NoBody
	}
	if in.Host == "" {
		in.Host = in.URL.Host
	}
	in.RequestURI = in.URL.RequestURI()
	return in
}

func (in *Instance) enter() error {
	in.mu.Lock()
	defer in.mu.Unlock()
	if in.stopping {
		return ErrStopped
	}
	in.serving += 2
	return nil
}

// leave is called twice for each request that entered: when the handler has returned,
// and when the caller has its answer or does not wait for it any more.
func (in *Instance) leave() {
	in.mu.Lock()
	defer in.mu.Unlock()
	in.serving--
	if in.serving == 0 && in.idle != nil {
		close(in.idle)
		in.idle = nil
	}
}

// await lets no more requests in, and waits for those that are in.
func (in *Instance) await() {
	in.mu.Lock()
	in.stopping = true
	if in.serving == 0 {
		in.mu.Unlock()
		return
	}
	idle := make(chan struct{})
	in.idle = idle
	in.mu.Unlock()
	<-idle
}

// serve reports whether h returned. As in net/http, a handler's panic costs its caller
// the answer and nobody else anything.
func serve(h http.Handler, w http.ResponseWriter, r *http.Request) (ok bool) {
	defer func() {
		if !ok {
			_ = recover() // the caller is told by ok
		}
	}()
	h.ServeHTTP(w, r)
	return true
}
