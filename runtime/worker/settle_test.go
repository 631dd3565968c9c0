package worker_test

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"
	"github.com/idemlint/idemlint/runtime/role"
	"github.com/idemlint/idemlint/runtime/worker"
)

// Messages C and D of the loop, lost once or always.
func TestLostDelete(t *testing.T) {
	for _, test := range []struct {
		name    string
		network func(w world) policy.Transporter
		deletes []worker.Outcome
		works   []string
	}{
		{
			name:    "DELETE lost once",
			network: func(w world) policy.Transporter { return losing(w.account, 1, role.LoseRequest, isDelete) },
			deletes: []worker.Outcome{worker.Failed, worker.OK},
			works:   []string{"0s delivery 1"},
		}, {
			name:    "its answer lost: the second finds nothing, which is success",
			network: func(w world) policy.Transporter { return losing(w.account, 1, role.LoseAnswer, isDelete) },
			deletes: []worker.Outcome{worker.Failed, worker.Gone},
			works:   []string{"0s delivery 1"},
		}, {
			name: "unavailable twice",
			network: func(w world) policy.Transporter {
				return &refusing{w.account, 2, isDelete, http.StatusServiceUnavailable}
			},
			deletes: []worker.Outcome{worker.Failed, worker.Failed, worker.OK},
			works:   []string{"0s delivery 1"},
		}, {
			name:    "forbidden: not tried again",
			network: func(w world) policy.Transporter { return &refusing{w.account, 1, isDelete, http.StatusForbidden} },
			deletes: []worker.Outcome{worker.Failed, worker.OK},
			works:   []string{"0s delivery 1", "2m0s delivery 2"},
		}, {
			name:    "lost in every try: the work is done again",
			network: func(w world) policy.Transporter { return losing(w.account, 3, role.LoseRequest, isDelete) },
			deletes: []worker.Outcome{worker.Failed, worker.Failed, worker.Failed, worker.OK},
			works:   []string{"0s delivery 1", "2m0s delivery 2"},
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			inWorld(t, func(w world) {
				w.put("tea")
				j, s := &journal{w: w}, &samples{}
				o := worker.Options{PollMax: time.Second, Observer: s}
				r := w.run(w.through(test.network(w), "orders"), o, func(_ context.Context, m worker.Message) error {
					j.note("delivery %d", m.Deliveries)
					return nil
				})
				time.Sleep(15 * time.Minute)
				w.must(r.stop())
				j.expect(test.works...)
				if said := strings.Contains(r.log.String(), "comes back"); said != (len(test.works) > 1) {
					w.Errorf("log:\n%s", r.log)
				}
				if got := s.of(worker.StepDelete); !slices.Equal(got, test.deletes) {
					w.Errorf("deletes: %v, want %v", got, test.deletes)
				}
				if n := w.count(w.queue); n != 0 {
					w.Errorf("%d messages left", n)
				}
			})
		})
	}
}

// Someone else has the message by now. The queue does not tell that from a message that
// is gone; for this worker both are the end of it.
func TestRefusedDeleteIsNotTriedAgain(t *testing.T) {
	inWorld(t, func(w world) {
		w.put("tea")
		s := &samples{}
		o := worker.Options{Visibility: 10 * time.Second, RenewEvery: -1, Observer: s}
		r := w.run(w.queue, o, func(_ context.Context, m worker.Message) error {
			time.Sleep(11 * time.Second)
			_, err := w.queue.DequeueMessage(w.Context(), nil) // the other
			return err
		})
		time.Sleep(15 * time.Second)
		w.must(r.stop())
		if got := s.of(worker.StepDelete); !slices.Equal(got, []worker.Outcome{worker.Gone}) {
			w.Errorf("deletes: %v", got)
		}
		if n := w.count(w.queue); n != 1 {
			w.Errorf("%d messages, want the other's", n)
		}
	})
}

// The lease is over, but nobody has taken the message: the delete succeeds.
func TestDeleteWithAnExpiredReceipt(t *testing.T) {
	inWorld(t, func(w world) {
		w.put("tea")
		s := &samples{}
		o := worker.Options{Visibility: 10 * time.Second, RenewEvery: -1, Observer: s}
		r := w.run(w.queue, o, func(context.Context, worker.Message) error {
			time.Sleep(11 * time.Second)
			return nil
		})
		time.Sleep(15 * time.Second)
		w.must(r.stop())
		if got := s.of(worker.StepDelete); !slices.Equal(got, []worker.Outcome{worker.OK}) {
			w.Errorf("deletes: %v", got)
		}
	})
}

func TestPoisonAfterFailures(t *testing.T) {
	inWorld(t, func(w world) {
		w.put("poison", "tea")
		j := &journal{w: w}
		o := worker.Options{PollMax: time.Second, Poison: w.poison}
		r := w.run(w.queue, o, func(_ context.Context, m worker.Message) error {
			if m.Body == "tea" {
				return nil
			}
			j.note("fails")
			return errors.New("cannot be parsed")
		})
		time.Sleep(8*time.Minute + time.Second)
		w.must(r.stop())
		j.expect("0s fails", "2m0s fails", "4m0s fails", "6m0s fails", "8m0s fails")
		if got := w.bodies(w.poison); !slices.Equal(got, []string{"poison"}) {
			w.Errorf("poison queue: %q", got)
		}
		if n := w.count(w.queue); n != 0 {
			w.Errorf("%d messages left", n)
		}
	})
}

// A message that kills its worker never fails: it is poison when it comes once more.
func TestPoisonAfterCrashes(t *testing.T) {
	inWorld(t, func(w world) {
		w.put("poison")
		crashes := 0
		instance := role.Role{Run: func(ctx context.Context, in *role.Instance) error {
			queues := in.Clients().Queues
			loop, err := worker.New(queues.NewQueueClient("orders"), func(ctx context.Context, m worker.Message) error {
				crashes++
				in.Kill() // such as: out of memory
				return nil
			}, worker.Options{Poison: queues.NewQueueClient("orders-poison"), MaxDeliveries: 3, PollMax: time.Second, Log: quiet})
			if err != nil {
				return err
			}
			return loop.Run(ctx)
		}}
		d, err := role.Deploy(w.Context(), w.account, instance, 1)
		w.must(err)
		for range 10 {
			time.Sleep(2 * time.Minute)
			_ = d.Start(0) // if it is dead
		}
		d.Close()
		if got := w.bodies(w.poison); crashes != 3 || !slices.Equal(got, []string{"poison"}) {
			w.Errorf("%d crashes, poison queue: %q; want 3, and the message", crashes, got)
		}
	})
}

// The put comes first. If it fails the message stays; if the delete is lost the message
// is in both queues, and later twice in the poison queue.
func TestPoisonIsNeverLost(t *testing.T) {
	for _, test := range []struct {
		name    string
		network func(w world) policy.Transporter
		poison  []string
	}{
		{"put lost", func(w world) policy.Transporter { return losing(w.account, 1, role.LoseRequest, isPut) }, []string{"tea"}},
		{"answer of the put lost", func(w world) policy.Transporter { return losing(w.account, 1, role.LoseAnswer, isPut) }, []string{"tea", "tea"}},
		{"delete lost", func(w world) policy.Transporter { return losing(w.account, 3, role.LoseRequest, isDelete) }, []string{"tea", "tea"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			inWorld(t, func(w world) {
				w.put("tea")
				network := test.network(w)
				o := worker.Options{PollMax: time.Second, Poison: w.through(network, "orders-poison"), MaxDeliveries: 1}
				r := w.run(w.through(network, "orders"), o, func(context.Context, worker.Message) error { return errors.New("bad") })
				time.Sleep(15 * time.Minute)
				w.must(r.stop())
				if got := w.bodies(w.poison); !slices.Equal(got, test.poison) {
					w.Errorf("poison queue: %q, want %q", got, test.poison)
				}
				if n := w.count(w.queue); n != 0 {
					w.Errorf("%d messages left", n)
				}
			})
		})
	}
}

func isPut(r *http.Request) bool { return r.Method == http.MethodPost }

func TestWithoutAPoisonQueueItComesBack(t *testing.T) {
	inWorld(t, func(w world) {
		w.put("tea")
		n := 0
		o := worker.Options{PollMax: time.Second, Backoff: worker.Exponential(time.Second, time.Second)}
		r := w.run(w.queue, o, func(context.Context, worker.Message) error { n++; return errors.New("bad") })
		time.Sleep(30 * time.Second)
		w.must(r.stop())
		if n < 20 || w.count(w.queue) != 1 {
			w.Errorf("%d deliveries, %d messages left", n, w.count(w.queue))
		}
	})
}
