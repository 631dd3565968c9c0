package role_test

import (
	"context"
	"errors"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"
	"github.com/idemlint/idemlint/runtime/role"
)

func TestKilledInstanceReachesNothing(t *testing.T) {
	inWorld(t, func(w world) {
		var work, deferred, left error
		gone := make(chan struct{})
		in := w.start(role.Role{Run: func(ctx context.Context, in *role.Instance) error {
			defer func() { deferred = put(context.WithoutCancel(ctx), in, "deferred") }()
			go func() {
				defer close(gone)
				time.Sleep(time.Hour)
				left = put(context.Background(), in, "left behind")
			}()
			<-ctx.Done()
			work = put(context.Background(), in, "work")
			return nil
		}})
		time.Sleep(time.Second)
		in.Kill()
		<-in.Done()
		<-gone
		for name, err := range map[string]error{"work": work, "deferred call": deferred, "goroutine left behind": left} {
			if !errors.Is(err, role.ErrKilled) {
				w.Errorf("%s: got %v, want ErrKilled", name, err)
			}
		}
		if n := w.messages(); n != 0 {
			w.Errorf("%d requests reached the queue after the kill", n)
		}
	})
}

// A client that retries does not keep a dead instance busy.
func TestKilledInstanceDoesNotRetry(t *testing.T) {
	inWorld(t, func(w world) {
		in := w.start(role.Role{Retry: &policy.RetryOptions{MaxRetries: 5, RetryDelay: time.Minute}})
		in.Kill()
		began := time.Now()
		if err := put(context.Background(), in, ""); !errors.Is(err, role.ErrKilled) {
			w.Errorf("got %v, want ErrKilled", err)
		}
		if took := time.Since(began); took != 0 {
			w.Errorf("gave up after %v", took)
		}
	})
}

// The request was executed, and the process is dead before it reads the answer.
func TestKillDropsTheAnswerUnderWay(t *testing.T) {
	inWorld(t, func(w world) {
		slow := slowAnswers{w.account, time.Minute}
		in, err := role.Start(w.Context(), service{w.account, slow}, asleep, "slow")
		w.must(err)
		got := make(chan error)
		go func() { got <- put(context.Background(), in, "") }()
		time.Sleep(time.Second)
		in.Kill()
		if err := <-got; !errors.Is(err, role.ErrKilled) {
			w.Errorf("got %v, want ErrKilled", err)
		}
		if n := w.messages(); n != 1 {
			w.Errorf("%d messages, want the one that was put before the kill", n)
		}
		<-in.Done()
	})
}

func TestFreezeHoldsRequestsUntilThaw(t *testing.T) {
	inWorld(t, func(w world) {
		in := w.start(asleep)
		w.must(in.Freeze())
		began := time.Now()
		got := make(chan error)
		go func() { got <- put(w.Context(), in, "") }()
		time.Sleep(10 * time.Second)
		if n := w.messages(); n != 0 {
			w.Errorf("%d requests reached the queue in the freeze", n)
		}
		w.must(in.Thaw())
		w.must(<-got)
		if took := time.Since(began); took != 10*time.Second {
			w.Errorf("the request went on after %v", took)
		}
		if n := w.messages(); n != 1 {
			w.Errorf("%d messages after the thaw, want 1", n)
		}
	})
}

// Other services than the account are cut off in the same way, down to the request.
func TestThrough(t *testing.T) {
	inWorld(t, func(w world) {
		request := func(ctx context.Context) *http.Request {
			r, err := http.NewRequestWithContext(ctx, http.MethodPost, "https://mail.example/", nil)
			w.must(err)
			return r
		}
		arrived := 0
		slow := through(func(r *http.Request) (*http.Response, error) {
			arrived++
			time.Sleep(time.Minute)
			return &http.Response{Body: http.NoBody}, nil
		})
		in := w.start(asleep)

		// Frozen while it is under way, the answer comes with the thaw.
		time.AfterFunc(time.Second, func() { _ = in.Freeze() })
		time.AfterFunc(2*time.Minute, func() { _ = in.Thaw() })
		began := time.Now()
		_, err := in.Through(slow).Do(request(w.Context()))
		if took := time.Since(began); err != nil || took != 2*time.Minute {
			w.Errorf("frozen: %v after %v, want the answer at the thaw", err, took)
		}

		// Frozen past its deadline, it is not sent.
		w.must(in.Freeze())
		time.AfterFunc(time.Minute, func() { _ = in.Thaw() })
		ctx, cancel := context.WithTimeout(w.Context(), time.Second)
		defer cancel()
		if _, err := in.Through(slow).Do(request(ctx)); !errors.Is(err, context.DeadlineExceeded) || arrived != 1 {
			w.Errorf("past its deadline: got %v, and %d requests arrived; want the context's error, and 1", err, arrived)
		}

		// Killed while it is under way, it is given up at once if the other side lets it, and
		// its answer dropped if not.
		time.AfterFunc(time.Second, in.Kill)
		began = time.Now()
		_, err = in.Through(silent{}).Do(request(context.Background()))
		if took := time.Since(began); !errors.Is(err, role.ErrKilled) || took != time.Second {
			w.Errorf("killed: %v after %v, want ErrKilled at once", err, took)
		}
		second := w.start(asleep)
		time.AfterFunc(time.Second, second.Kill)
		if _, err := second.Through(slow).Do(request(context.Background())); !errors.Is(err, role.ErrKilled) {
			w.Errorf("killed: got %v, want ErrKilled", err)
		}
	})
}

// The timeout of the request (30 s unless the role says otherwise) is over when the
// instance is thawed: it must not be sent, as a real one would not be.
func TestThawedRequestPastItsTimeIsNotSent(t *testing.T) {
	inWorld(t, func(w world) {
		in := w.start(asleep)
		w.must(in.Freeze())
		got := make(chan error)
		go func() { got <- put(w.Context(), in, "") }()
		time.Sleep(5 * time.Minute)
		w.must(in.Thaw())
		if err := <-got; !errors.Is(err, context.DeadlineExceeded) {
			w.Errorf("got %v, want the context's error", err)
		}
		if n := w.messages(); n != 0 {
			w.Errorf("%d messages, want none", n)
		}
	})
}

func TestFreezeHoldsTheAnswerUnderWay(t *testing.T) {
	inWorld(t, func(w world) {
		slow := slowAnswers{w.account, 2 * time.Second}
		in, err := role.Start(w.Context(), service{w.account, slow}, asleep, "slow")
		w.must(err)
		began := time.Now()
		got := make(chan error)
		go func() { got <- put(w.Context(), in, "") }()
		time.Sleep(time.Second)
		w.must(in.Freeze())
		time.Sleep(9 * time.Second)
		w.must(in.Thaw())
		w.must(<-got)
		if took := time.Since(began); took != 10*time.Second {
			w.Errorf("answered after %v, want at the thaw", took)
		}
		in.Kill()
		<-in.Done()
	})
}

func TestKillReleasesWhatAFreezeHolds(t *testing.T) {
	inWorld(t, func(w world) {
		in := w.start(asleep)
		w.must(in.Freeze())
		got := make(chan error)
		go func() { got <- put(context.Background(), in, "") }()
		synctest.Wait()
		in.Kill()
		if err := <-got; !errors.Is(err, role.ErrKilled) {
			w.Errorf("got %v, want ErrKilled", err)
		}
		if err := in.Thaw(); !errors.Is(err, role.ErrKilled) {
			w.Errorf("thaw of a dead instance: got %v, want ErrKilled", err)
		}
	})
}

func TestThawIsOnAnotherMachine(t *testing.T) {
	inWorld(t, func(w world) {
		in := w.start(asleep)
		before := in.Machine()
		w.must(in.Freeze())
		if err := in.Freeze(); !errors.Is(err, role.ErrFrozen) {
			w.Errorf("second freeze: got %v, want ErrFrozen", err)
		}
		w.must(in.Thaw())
		if err := in.Thaw(); !errors.Is(err, role.ErrNotFrozen) {
			w.Errorf("second thaw: got %v, want ErrNotFrozen", err)
		}
		if after := in.Machine(); after == before {
			w.Errorf("still on %s", after)
		}
	})
}

func TestStopWaitsForRunAndThenCutsOff(t *testing.T) {
	inWorld(t, func(w world) {
		in := w.start(role.Role{Run: func(ctx context.Context, in *role.Instance) error {
			<-ctx.Done()
			time.Sleep(20 * time.Second)
			return put(context.WithoutCancel(ctx), in, "last words")
		}})
		began := time.Now()
		w.must(in.Stop())
		if took := time.Since(began); took != 20*time.Second {
			w.Errorf("stopped after %v, want when Run returned", took)
		}
		if n := w.messages(); n != 1 {
			w.Errorf("%d messages, want the one of the grace period", n)
		}
		if err := put(w.Context(), in, ""); !errors.Is(err, role.ErrStopped) {
			w.Errorf("request after the stop: got %v, want ErrStopped", err)
		}
	})
}

func TestStopKillsAfterTheGracePeriod(t *testing.T) {
	inWorld(t, func(w world) {
		in := w.start(role.Role{Grace: 5 * time.Second, Run: func(ctx context.Context, in *role.Instance) error {
			time.Sleep(time.Minute) // does not listen
			return put(context.WithoutCancel(ctx), in, "")
		}})
		began := time.Now()
		if err := in.Stop(); !errors.Is(err, role.ErrGrace) {
			w.Errorf("got %v, want ErrGrace", err)
		}
		if took := time.Since(began); took != 5*time.Second {
			w.Errorf("killed after %v", took)
		}
		if err := in.Wait(); !errors.Is(err, role.ErrKilled) {
			w.Errorf("Run's request after the grace period: got %v, want ErrKilled", err)
		}
	})
}

func TestPanicIsTheEndOfTheProcess(t *testing.T) {
	inWorld(t, func(w world) {
		in := w.start(role.Role{Run: func(context.Context, *role.Instance) error { panic("nil map") }})
		var p *role.PanicError
		if err := in.Wait(); !errors.As(err, &p) || p.Value != "nil map" {
			w.Errorf("got %v, want the panic", err)
		}
		if err := put(w.Context(), in, ""); !errors.Is(err, role.ErrKilled) {
			w.Errorf("request after the panic: got %v, want ErrKilled", err)
		}
	})
}

// Clients do not retry, and give up after 30 s, unless the role says otherwise.
func TestDefaultsOfClients(t *testing.T) {
	inWorld(t, func(w world) {
		tries := 0
		hang := role.Lossy(w.account, func(int, *http.Request) role.Loss { tries++; return role.LoseRequest })
		for _, test := range []struct {
			name  string
			role  role.Role
			via   policy.Transporter
			tries int
			took  time.Duration
		}{
			{name: "lost", via: hang, tries: 1},
			{name: "lost, two retries", via: hang, tries: 3, took: 2 * time.Second, role: role.Role{Retry: aSecondBetween(2)}},
			{name: "no answer", via: silent{}, took: 30 * time.Second},
			{name: "no answer, own timeout", via: silent{}, took: 7 * time.Second, role: role.Role{Timeout: 7 * time.Second}},
		} {
			tries = 0
			in, err := role.Start(w.Context(), service{w.account, test.via}, test.role, "test")
			w.must(err)
			began := time.Now()
			if err := put(w.Context(), in, ""); err == nil {
				w.Errorf("%s: no error", test.name)
			}
			if took := time.Since(began); tries != test.tries || took != test.took {
				w.Errorf("%s: %d tries, %v; want %d, %v", test.name, tries, took, test.tries, test.took)
			}
			in.Kill()
			<-in.Done()
		}
	})
}

// aSecondBetween is a policy without jitter. (azcore takes a RetryDelay of "none" for an
// overflow, and then pauses for MaxRetryDelay.)
func aSecondBetween(retries int32) *policy.RetryOptions {
	return &policy.RetryOptions{MaxRetries: retries, RetryDelay: -1, MaxRetryDelay: time.Second}
}

func TestReachIsCutOffAsWell(t *testing.T) {
	inWorld(t, func(w world) {
		in := w.start(asleep)
		mails := 0
		mail := func() error { mails++; return nil }
		w.must(in.Reach(w.Context(), mail))
		in.Kill()
		if err := in.Reach(w.Context(), mail); !errors.Is(err, role.ErrKilled) || mails != 1 {
			w.Errorf("got %v and %d mails, want ErrKilled and 1", err, mails)
		}
	})
}
