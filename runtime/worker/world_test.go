package worker_test

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azqueue/v2"
	"github.com/idemlint/idemlint/runtime/role"
	"github.com/idemlint/idemlint/runtime/storage"
	"github.com/idemlint/idemlint/runtime/worker"
)

// world is an account with the queues "orders" and "orders-poison" in virtual time. Its
// own clients are outside of every network that a test breaks.
type world struct {
	*testing.T
	account       *storage.Account
	queue, poison *azqueue.QueueClient
	began         time.Time
}

func inWorld(t *testing.T, test func(w world)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		account := storage.New("demo")
		w := world{T: t, account: account, began: time.Now()}
		w.queue, w.poison = w.through(account, "orders"), w.through(account, "orders-poison")
		for _, q := range []*azqueue.QueueClient{w.queue, w.poison} {
			_, err := q.Create(t.Context(), nil)
			w.must(err)
		}
		test(w)
	})
}

func (w world) must(err error) {
	w.Helper()
	if err != nil {
		w.Fatal(err)
	}
}

// since is the virtual time since the test began.
func (w world) since() time.Duration { return time.Since(w.began) }

// through is a queue behind a network.
func (w world) through(via policy.Transporter, name string) *azqueue.QueueClient {
	w.Helper()
	clients, err := w.account.Dial(via, policy.RetryOptions{MaxRetries: -1})
	w.must(err)
	return clients.Queues.NewQueueClient(name)
}

func (w world) put(bodies ...string) {
	w.Helper()
	for _, body := range bodies {
		_, err := w.queue.EnqueueMessage(w.Context(), body, nil)
		w.must(err)
	}
}

// bodies are the messages of a queue that can be seen now.
func (w world) bodies(q *azqueue.QueueClient) []string {
	w.Helper()
	answer, err := q.PeekMessages(w.Context(), &azqueue.PeekMessagesOptions{NumberOfMessages: ptr(int32(32))})
	w.must(err)
	var bodies []string
	for _, m := range answer.Messages {
		bodies = append(bodies, *m.MessageText)
	}
	return bodies
}

// count is how many messages a queue has, hidden ones included.
func (w world) count(q *azqueue.QueueClient) int {
	w.Helper()
	answer, err := q.GetProperties(w.Context(), nil)
	w.must(err)
	return int(*answer.ApproximateMessagesCount)
}

func ptr[T any](v T) *T { return &v }

// running is a worker that runs until stop, which returns Run's error. It is stopped at
// the end of the test in any case.
type running struct {
	stop func() error
	log  *bytes.Buffer // read it after stop
}

func (w world) run(queue *azqueue.QueueClient, o worker.Options, handler worker.Handler) running {
	w.Helper()
	r := running{log: &bytes.Buffer{}}
	if o.Log == nil {
		o.Log = slog.New(slog.NewTextHandler(r.log, nil))
	}
	loop, err := worker.New(queue, handler, o)
	w.must(err)
	ctx, cancel := context.WithCancel(context.Background())
	result := make(chan error, 1)
	go func() { result <- loop.Run(ctx) }()
	r.stop = sync.OnceValue(func() error { cancel(); return <-result })
	w.Cleanup(func() { _ = r.stop() })
	return r
}

// journal is what handlers did, with the time at which they did it.
type journal struct {
	w     world
	mu    sync.Mutex
	lines []string
}

func (j *journal) note(format string, args ...any) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.lines = append(j.lines, fmt.Sprintf("%v ", j.w.since())+fmt.Sprintf(format, args...))
}

func (j *journal) expect(want ...string) {
	j.w.Helper()
	j.mu.Lock()
	defer j.mu.Unlock()
	if !slices.Equal(j.lines, want) {
		j.w.Errorf("got\n  %s\nwant\n  %s", strings.Join(j.lines, "\n  "), strings.Join(want, "\n  "))
	}
}

// samples is an observer that keeps everything.
type samples struct {
	mu  sync.Mutex
	all []worker.Sample
}

func (s *samples) Observe(one worker.Sample) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.all = append(s.all, one)
}

// of are the outcomes of the samples of one step.
func (s *samples) of(step worker.Step) []worker.Outcome {
	s.mu.Lock()
	defer s.mu.Unlock()
	var outcomes []worker.Outcome
	for _, one := range s.all {
		if one.Step == step {
			outcomes = append(outcomes, one.Outcome)
		}
	}
	return outcomes
}

// Requests of the message loop.
func isReceive(r *http.Request) bool { return r.Method == http.MethodGet }
func isRenewal(r *http.Request) bool { return r.Method == http.MethodPut }
func isDelete(r *http.Request) bool  { return r.Method == http.MethodDelete }

// losing loses the first n of the requests that match.
func losing(next policy.Transporter, n int, loss role.Loss, match func(*http.Request) bool) policy.Transporter {
	return role.Lossy(next, func(_ int, r *http.Request) role.Loss {
		if n > 0 && match(r) {
			n--
			return loss
		}
		return role.LoseNothing
	})
}

// refusing answers the first n of the requests that match with a refusal.
type refusing struct {
	next   policy.Transporter
	n      int
	match  func(*http.Request) bool
	status int
}

func (f *refusing) Do(r *http.Request) (*http.Response, error) {
	if f.n > 0 && f.match(r) {
		f.n--
		return &http.Response{StatusCode: f.status, Header: http.Header{}, Body: http.NoBody, Request: r}, nil
	}
	return f.next.Do(r)
}

const always = 1 << 30

// quiet is for workers whose failures are what the test is about.
var quiet = slog.New(slog.DiscardHandler)
