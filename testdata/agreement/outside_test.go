package agreement

import (
	"context"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/idemlint/idemlint/runtime/explore"
)

// Many handlers send through http.DefaultClient, or through clients of their own without a
// transport. Both end in http.DefaultTransport, and there the request goes on as the instance
// that sends it: the one that its context was given to by outside, or, where the handler
// drops the context, the one whose label is the first of the host, as outsideURL makes it.
func init() { http.DefaultTransport = defaultTransport{} }

type defaultTransport struct{}

func (defaultTransport) RoundTrip(r *http.Request) (*http.Response, error) {
	s, ok := r.Context().Value(senderKey{}).(*sender)
	if label, host, _ := strings.Cut(r.URL.Host, "."); !ok {
		var v any
		if v, ok = senders.Load(label); ok {
			s = v.(*sender)
			r = r.Clone(r.Context())
			r.URL.Host, r.Host = host, host
		}
	}
	if !ok {
		panic("a request that nobody sends: " + r.Method + " " + r.URL.String())
	}
	return s.RoundTrip(r)
}

type senderKey struct{}

// senders by the label that stands for them in a host.
var senders sync.Map

// sender sends requests as one instance, to services that take their time.
type sender struct {
	in    *explore.Instance
	takes takes

	mu    sync.Mutex
	count map[string]int
}

// takes is how long the answer takes to the n-th request to the URL with this path, from 0.
type takes func(path string, n int) time.Duration

// always is for services that take equally long each time.
func always(d time.Duration) takes { return func(string, int) time.Duration { return d } }

func newSender(in *explore.Instance, takes takes) *sender {
	return &sender{in: in, takes: takes, count: map[string]int{}}
}

// outside gives a context to a handler whose requests to the outside take so long.
func outside(ctx context.Context, in *explore.Instance, takes takes) context.Context {
	return context.WithValue(ctx, senderKey{}, newSender(in, takes))
}

// outsideURL is outside for handlers that do not pass their context on: the address of the
// service https://host.
func outsideURL(in *explore.Instance, host string, takes takes) string {
	label := "worker-" + strconv.Itoa(in.ID)
	senders.Store(label, newSender(in, takes))
	return "https://" + label + "." + host
}

// RoundTrip sends, and then lets the answer take its time. World.Outside could do that, too,
// but does not know which worker it is that asks.
func (s *sender) RoundTrip(r *http.Request) (*http.Response, error) {
	s.mu.Lock()
	n := s.count[r.URL.String()]
	s.count[r.URL.String()]++
	s.mu.Unlock()
	response, err := s.in.HTTP().Transport.RoundTrip(r)
	if err != nil {
		return nil, err
	}
	if err := pass(r.Context(), s.takes(r.URL.Path, n)); err != nil {
		return nil, err
	}
	return response, nil
}

// pass lets time pass, no longer than a context lasts.
func pass(ctx context.Context, d time.Duration) error {
	if d <= 0 {
		return nil
	}
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// answers is a world outside that answers everything with this status.
func answers(status int) func() http.Handler {
	return func() http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(status) })
	}
}
