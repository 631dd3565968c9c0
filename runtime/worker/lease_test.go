package worker_test

import (
	"context"
	"net/http"
	"slices"
	"testing"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"
	"github.com/idemlint/idemlint/runtime/role"
	"github.com/idemlint/idemlint/runtime/worker"
)

// waits works until its context is done, and says why and when it was.
func waits(j *journal) worker.Handler {
	return func(ctx context.Context, m worker.Message) error {
		if m.Deliveries > 1 {
			j.note("delivery %d", m.Deliveries)
			return nil
		}
		<-ctx.Done()
		j.note("%v", context.Cause(ctx))
		return ctx.Err()
	}
}

// Ten minutes of work on a lease of two: renewed every 40 s, seen by nobody else, and
// deleted with the newest of sixteen receipts.
func TestLongWorkKeepsItsLease(t *testing.T) {
	inWorld(t, func(w world) {
		w.put("tea")
		j, s := &journal{w: w}, &samples{}
		work := func(_ context.Context, m worker.Message) error {
			j.note("begins")
			time.Sleep(10*time.Minute + time.Second)
			return nil
		}
		o := worker.Options{Observer: s, PollMax: time.Second}
		a := w.run(w.queue, o, work)
		b := w.run(w.queue, o, work)
		time.Sleep(15 * time.Minute)
		w.must(a.stop())
		w.must(b.stop())
		j.expect("0s begins")
		if n := len(s.of(worker.StepRenew)); n != 15 {
			w.Errorf("%d renewals, want 15", n)
		}
		if got := s.of(worker.StepDelete); !slices.Equal(got, []worker.Outcome{worker.OK}) {
			w.Errorf("delete: %v", got)
		}
	})
}

// An update without a body would erase it.
func TestRenewalKeepsTheBody(t *testing.T) {
	inWorld(t, func(w world) {
		w.put("<tea>")
		j := &journal{w: w}
		r := w.run(w.queue, worker.Options{PollMax: time.Second}, func(_ context.Context, m worker.Message) error {
			j.note("%s", m.Body)
			if m.Deliveries == 1 {
				time.Sleep(time.Minute)
				return context.Canceled
			}
			return nil
		})
		time.Sleep(15 * time.Minute)
		w.must(r.stop())
		// The lease was renewed after 40 s, and is left to its end.
		j.expect("0s <tea>", "2m40s <tea>")
	})
}

// The network is gone for renewals: the work must end before the lease does, and does so
// when nine tenths of it are over.
func TestWorkIsCancelledBeforeAnUnrenewedLeaseEnds(t *testing.T) {
	for name, network := range map[string]func(w world) policy.Transporter{
		"no answer": func(w world) policy.Transporter {
			return losing(w.account, always, role.LoseRequest, isRenewal)
		},
		"unavailable": func(w world) policy.Transporter {
			return &refusing{w.account, always, isRenewal, http.StatusServiceUnavailable}
		},
	} {
		t.Run(name, func(t *testing.T) {
			inWorld(t, func(w world) {
				w.put("tea")
				j, s := &journal{w: w}, &samples{}
				o := worker.Options{PollMax: time.Second, Observer: s}
				r := w.run(w.through(network(w), "orders"), o, waits(j))
				time.Sleep(15 * time.Minute)
				w.must(r.stop())
				j.expect("1m48s worker: lease lost", "2m0s delivery 2")
				if got := s.of(worker.StepWork); !slices.Equal(got, []worker.Outcome{worker.Lost, worker.OK}) {
					w.Errorf("work: %v", got)
				}
			})
		})
	}
}

// Without renewals the work gets nine tenths of one lease.
func TestNoRenewals(t *testing.T) {
	inWorld(t, func(w world) {
		w.put("tea")
		j, s := &journal{w: w}, &samples{}
		r := w.run(w.queue, worker.Options{PollMax: time.Second, RenewEvery: -1, Observer: s}, waits(j))
		time.Sleep(15 * time.Minute)
		w.must(r.stop())
		j.expect("1m48s worker: lease lost", "2m0s delivery 2")
		if n := len(s.of(worker.StepRenew)); n != 0 {
			w.Errorf("%d renewals", n)
		}
	})
}

// Two renewals fail, the third succeeds in time: the work does not notice.
func TestFailedRenewalIsTriedAgain(t *testing.T) {
	inWorld(t, func(w world) {
		w.put("tea")
		j, s := &journal{w: w}, &samples{}
		network := losing(w.account, 2, role.LoseRequest, isRenewal)
		r := w.run(w.through(network, "orders"), worker.Options{Observer: s}, func(ctx context.Context, _ worker.Message) error {
			time.Sleep(5 * time.Minute)
			j.note("done, %v", ctx.Err())
			return nil
		})
		time.Sleep(15 * time.Minute)
		w.must(r.stop())
		j.expect("5m0s done, <nil>")
		if got := s.of(worker.StepRenew)[:3]; !slices.Equal(got, []worker.Outcome{worker.Failed, worker.Failed, worker.OK}) {
			w.Errorf("renewals: %v", got)
		}
	})
}

// The message is gone (404): there is nothing left to work for.
func TestWorkIsCancelledWhenTheMessageIsGone(t *testing.T) {
	inWorld(t, func(w world) {
		w.put("tea")
		j := &journal{w: w}
		r := w.run(w.queue, worker.Options{}, waits(j))
		time.Sleep(time.Second)
		_, err := w.queue.ClearMessages(w.Context(), nil)
		w.must(err)
		time.Sleep(15 * time.Minute)
		w.must(r.stop())
		j.expect("40s worker: lease lost")
	})
}

// The answer to the renewal at 40 s is lost: the queue has a receipt that nobody knows.
// The next renewal, a quarter of that later, is refused (404, 400 at Azurite), and the work
// comes back when the lease that was renewed is over.
func TestWorkIsCancelledWhenTheReceiptIsLost(t *testing.T) {
	inWorld(t, func(w world) {
		w.put("tea")
		j, s := &journal{w: w}, &samples{}
		network := losing(w.account, 1, role.LoseAnswer, isRenewal)
		r := w.run(w.through(network, "orders"), worker.Options{PollMax: time.Second, Observer: s}, waits(j))
		time.Sleep(15 * time.Minute)
		w.must(r.stop())
		j.expect("50s worker: lease lost", "2m40s delivery 2")
		if got := s.of(worker.StepRenew); !slices.Equal(got, []worker.Outcome{worker.Failed, worker.Lost}) {
			w.Errorf("renewals: %v", got)
		}
	})
}

// The work ends while a renewal is under way: its receipt is waited for, as the old one
// would be refused.
func TestDeleteWaitsForTheRenewal(t *testing.T) {
	inWorld(t, func(w world) {
		w.put("tea")
		s := &samples{}
		network := slowRenewals{w.account}
		r := w.run(w.through(network, "orders"), worker.Options{Observer: s}, func(context.Context, worker.Message) error {
			time.Sleep(45 * time.Second) // the renewal is on its way from 40 s to 50 s
			return nil
		})
		time.Sleep(15 * time.Minute)
		w.must(r.stop())
		if got := s.of(worker.StepDelete); !slices.Equal(got, []worker.Outcome{worker.OK}) {
			w.Errorf("delete: %v", got)
		}
	})
}

type slowRenewals struct {
	next interface {
		Do(*http.Request) (*http.Response, error)
	}
}

func (n slowRenewals) Do(r *http.Request) (*http.Response, error) {
	answer, err := n.next.Do(r)
	if isRenewal(r) {
		time.Sleep(10 * time.Second)
	}
	return answer, err
}

// A zombie: frozen in the work, thawed when another instance has done it. Its renewal is
// refused, its context cancelled, and its delete, had it come so far, would be refused.
func TestFrozenWorkerIsFenced(t *testing.T) {
	inWorld(t, func(w world) {
		w.put("tea")
		j, s := &journal{w: w}, &samples{}
		instance := role.Role{Run: func(ctx context.Context, in *role.Instance) error {
			loop, err := worker.New(in.Clients().Queues.NewQueueClient("orders"), func(ctx context.Context, m worker.Message) error {
				j.note("%s begins", in.Name())
				time.Sleep(5 * time.Minute)
				j.note("%s ends, %v", in.Name(), context.Cause(ctx))
				return nil // does not look at its context
			}, worker.Options{Log: quiet, PollMax: time.Second, Observer: s})
			if err != nil {
				return err
			}
			return loop.Run(ctx)
		}}
		a, err := role.Start(w.Context(), w.account, instance, "A")
		w.must(err)
		time.Sleep(time.Second)
		w.must(a.Freeze())
		b, err := role.Start(w.Context(), w.account, instance, "B")
		w.must(err)
		time.Sleep(4 * time.Minute)
		w.must(a.Thaw())
		time.Sleep(15 * time.Minute)
		j.expect("0s A begins", "2m0s B begins", "5m0s A ends, worker: lease lost", "7m0s B ends, <nil>")
		if got := s.of(worker.StepDelete); !slices.Equal(got, []worker.Outcome{worker.Gone, worker.OK}) {
			w.Errorf("deletes: %v, want A's refused and B's done", got)
		}
		for _, in := range []*role.Instance{a, b} {
			w.must(in.Stop())
		}
	})
}
