package worker_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"
	"github.com/idemlint/idemlint/runtime/role"
	"github.com/idemlint/idemlint/runtime/worker"
)

func TestHandledAndDeleted(t *testing.T) {
	inWorld(t, func(w world) {
		w.put("tea", "milk")
		j := &journal{w: w}
		r := w.run(w.queue, worker.Options{}, func(_ context.Context, m worker.Message) error {
			j.note("%s, delivery %d, expires in %v", m.Body, m.Deliveries, m.Expires.Sub(m.Inserted))
			if m.ID == "" || !m.Inserted.Equal(w.began.Truncate(time.Second)) {
				w.Errorf("id %q, inserted %v", m.ID, m.Inserted)
			}
			return nil
		})
		time.Sleep(15 * time.Minute)
		w.must(r.stop())
		j.expect("0s tea, delivery 1, expires in 168h0m0s", "0s milk, delivery 1, expires in 168h0m0s")
		if n := w.count(w.queue); n != 0 {
			w.Errorf("%d messages left", n)
		}
	})
}

// An empty queue is asked less and less often, until something comes.
func TestPollingBacksOff(t *testing.T) {
	inWorld(t, func(w world) {
		j := &journal{w: w}
		network := role.Lossy(w.account, func(_ int, r *http.Request) role.Loss {
			if isReceive(r) {
				j.note("receive")
			}
			return role.LoseNothing
		})
		o := worker.Options{PollMin: time.Second, PollMax: 5 * time.Second}
		r := w.run(w.through(network, "orders"), o, func(context.Context, worker.Message) error { return nil })
		time.Sleep(13 * time.Second)
		w.put("tea")
		time.Sleep(4500 * time.Millisecond)
		w.must(r.stop())
		j.expect("0s receive", "1s receive", "3s receive", "7s receive", "12s receive",
			"17s receive", "17s receive")
	})
}

func TestReceiveFailsAndIsTriedAgain(t *testing.T) {
	inWorld(t, func(w world) {
		w.put("tea")
		j := &journal{w: w}
		network := losing(w.account, 2, role.LoseRequest, isReceive)
		r := w.run(w.through(network, "orders"), worker.Options{}, func(context.Context, worker.Message) error {
			j.note("work")
			return nil
		})
		time.Sleep(time.Minute)
		w.must(r.stop())
		j.expect("3s work")
	})
}

// Message B lost: the queue hid a message that nobody works on.
func TestLostAnswerToAReceiveCostsALease(t *testing.T) {
	inWorld(t, func(w world) {
		w.put("tea")
		j := &journal{w: w}
		network := losing(w.account, 1, role.LoseAnswer, isReceive)
		o := worker.Options{PollMax: time.Second}
		r := w.run(w.through(network, "orders"), o, func(_ context.Context, m worker.Message) error {
			j.note("work, delivery %d", m.Deliveries)
			return nil
		})
		time.Sleep(15 * time.Minute)
		w.must(r.stop())
		j.expect("2m0s work, delivery 2")
	})
}

func TestConcurrency(t *testing.T) {
	inWorld(t, func(w world) {
		for i := range 10 {
			w.put(fmt.Sprint(i))
		}
		j := &journal{w: w}
		s := &samples{}
		o := worker.Options{Batch: 32, Concurrency: 4, Observer: s}
		r := w.run(w.queue, o, func(_ context.Context, m worker.Message) error {
			time.Sleep(time.Minute)
			j.note("done")
			return nil
		})
		time.Sleep(15 * time.Minute)
		w.must(r.stop())
		j.expect("1m0s done", "1m0s done", "1m0s done", "1m0s done",
			"2m0s done", "2m0s done", "2m0s done", "2m0s done", "3m0s done", "3m0s done")
		// No message is received before there is a handler for it: its lease would run.
		for _, one := range s.all {
			if one.Step == worker.StepReceive && one.Count > 4 {
				w.Errorf("received %d messages with 4 handlers", one.Count)
			}
			if one.Deliveries > 1 {
				w.Errorf("delivered %d times", one.Deliveries)
			}
		}
	})
}

// What failed is left to the rest of its lease, or comes back as Backoff says.
func TestFailedWorkComesBack(t *testing.T) {
	for _, test := range []struct {
		name    string
		options worker.Options
		want    []string
	}{
		{"left", worker.Options{PollMax: time.Second}, []string{"0s tea 1", "2m0s tea 2", "4m0s tea 3"}},
		{"own visibility", worker.Options{PollMax: time.Second, Visibility: 30 * time.Second},
			[]string{"0s tea 1", "30s tea 2", "1m0s tea 3"}},
		{"back-off", worker.Options{PollMax: time.Second, Backoff: worker.Exponential(5*time.Second, time.Hour)},
			[]string{"0s tea 1", "5s tea 2", "15s tea 3"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			inWorld(t, func(w world) {
				w.put("tea")
				j := &journal{w: w}
				r := w.run(w.queue, test.options, func(_ context.Context, m worker.Message) error {
					j.note("%s %d", m.Body, m.Deliveries)
					if m.Deliveries < 3 {
						return errors.New("not yet")
					}
					return nil
				})
				time.Sleep(15 * time.Minute)
				w.must(r.stop())
				j.expect(test.want...)
				if n := w.count(w.queue); n != 0 {
					w.Errorf("%d messages left", n)
				}
			})
		})
	}
}

func TestExponential(t *testing.T) {
	backoff := worker.Exponential(5*time.Second, time.Minute)
	var got []time.Duration
	for _, deliveries := range []int64{1, 2, 3, 4, 5, 1000} {
		got = append(got, backoff(deliveries)/time.Second)
	}
	if want := []time.Duration{5, 10, 20, 40, 60, 60}; !slices.Equal(got, want) {
		t.Errorf("got %d s, want %d s", got, want)
	}
}

// later is an error that knows when the message should come back, as idem.ClaimedError.
type later time.Duration

func (l later) Error() string             { return "later" }
func (l later) RetryAfter() time.Duration { return time.Duration(l) }

func TestHandlerSaysWhenToComeBack(t *testing.T) {
	inWorld(t, func(w world) {
		w.put("tea")
		j := &journal{w: w}
		o := worker.Options{PollMax: time.Second, Poison: w.poison, MaxDeliveries: 1}
		r := w.run(w.queue, o, func(_ context.Context, m worker.Message) error {
			j.note("work")
			return fmt.Errorf("claimed: %w", later(40*time.Second))
		})
		time.Sleep(39 * time.Second)
		j.expect("0s work")
		if n := w.count(w.poison); n != 0 {
			w.Errorf("%d poison messages, although nothing failed", n)
		}
		w.must(r.stop())
	})
}

func TestPanicIsAFailure(t *testing.T) {
	for name, end := range map[string]func(){
		"panic":  func() { panic("nil map") },
		"Goexit": runtime.Goexit,
	} {
		t.Run(name, func(t *testing.T) {
			inWorld(t, func(w world) {
				w.put("tea")
				s := &samples{}
				r := w.run(w.queue, worker.Options{Observer: s}, func(_ context.Context, m worker.Message) error {
					if m.Deliveries == 1 {
						end()
					}
					return nil
				})
				time.Sleep(15 * time.Minute)
				w.must(r.stop())
				if got, want := s.of(worker.StepWork), []worker.Outcome{worker.Panicked, worker.OK}; !slices.Equal(got, want) {
					w.Errorf("work: %v, want %v", got, want)
				}
				if !strings.Contains(r.log.String(), "handler panicked") || !strings.Contains(r.log.String(), "worker_test.go") {
					w.Errorf("log without the panic or its stack:\n%s", r.log)
				}
			})
		})
	}
}

func TestOptionsOutOfRange(t *testing.T) {
	for _, o := range []worker.Options{
		{Visibility: 1500 * time.Millisecond},
		{Visibility: 8 * 24 * time.Hour},
		{Visibility: -time.Second},
		{Visibility: 10 * time.Second, RenewEvery: 6 * time.Second},
		{Batch: 33},
		{Concurrency: -1},
		{PollMin: time.Minute, PollMax: time.Second},
		{PollMin: -time.Second},
		{RequestTimeout: -1},
		{DeleteTries: -1},
		{MaxDeliveries: -1},
		{Grace: -1},
	} {
		inWorld(t, func(w world) {
			if _, err := worker.New(w.queue, func(context.Context, worker.Message) error { return nil }, o); err == nil {
				w.Errorf("accepted %+v", o)
			}
		})
	}
	if _, err := worker.New(nil, nil, worker.Options{}); err == nil {
		t.Error("accepted no queue and no handler")
	}
}

// A client that retries may be given: the loop's own timeouts hold all the same.
func TestRequestTimeoutBoundsTheClient(t *testing.T) {
	inWorld(t, func(w world) {
		clients, err := w.account.Dial(silent{}, policy.RetryOptions{})
		w.must(err)
		s := &samples{}
		r := w.run(clients.Queues.NewQueueClient("orders"), worker.Options{Observer: s}, nothing)
		time.Sleep(45 * time.Second)
		w.must(r.stop())
		if s.all[0].Took != 30*time.Second || s.all[0].Outcome != worker.Timeout {
			w.Errorf("the first receive took %v: %v", s.all[0].Took, s.all[0].Outcome)
		}
	})
}

func nothing(context.Context, worker.Message) error { return nil }

// silent is a network that takes requests and never answers.
type silent struct{}

func (silent) Do(r *http.Request) (*http.Response, error) {
	<-r.Context().Done()
	return nil, r.Context().Err()
}
