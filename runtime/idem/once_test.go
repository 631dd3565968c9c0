package idem_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/idemlint/idemlint/runtime/idem"
	"github.com/idemlint/idemlint/runtime/role"
)

// mail is an effect elsewhere. The provider keeps every letter it is asked to send, and
// delivers once for each key.
type mail struct{ asked []string }

func (m *mail) send(_ context.Context, key string) error {
	m.asked = append(m.asked, key)
	return nil
}

func (m *mail) delivered() int {
	keys := slices.Clone(m.asked)
	slices.Sort(keys)
	return len(slices.Compact(keys))
}

func (m *mail) expect(w world, asked, delivered int) {
	w.Helper()
	if len(m.asked) != asked || m.delivered() != delivered {
		w.Errorf("asked %d times and delivered %d, want %d and %d", len(m.asked), m.delivered(), asked, delivered)
	}
}

func (w world) once(cell idem.Cell, effect func(context.Context, string) error) error {
	return idem.Once(w.Context(), cell, "mail-A", effect, idem.OnceOptions{})
}

// R₁ claim E mark L(S₁) T R₂ read done: skip.
func TestOnceSkipsWhatIsDone(t *testing.T) {
	eachKind(t, func(w world) {
		m := &mail{}
		for range 3 {
			w.must(w.once(w.cell("A"), m.send))
		}
		m.expect(w, 1, 1)
		// The record is the same, whatever came before.
		record, _, err := w.cell("A").Read(w.Context())
		w.must(err)
		if string(record) != `{"state":"done"}` {
			w.Errorf("record: %s", record)
		}
	})
}

// Two workers: the second finds the claim, leaves the message, and comes back when it is
// over.
func TestOnceBesideAnother(t *testing.T) {
	eachKind(t, func(w world) {
		m := &mail{}
		var second error
		w.must(w.once(w.cell("A"), func(ctx context.Context, key string) error {
			time.Sleep(10 * time.Second)
			second = w.once(w.cell("A"), m.send)
			return m.send(ctx, key)
		}))
		var held *idem.ClaimedError
		if !errors.Is(second, idem.ErrClaimed) || !errors.As(second, &held) {
			w.Fatalf("got %v, want ErrClaimed", second)
		}
		if after := held.RetryAfter(); after != 50*time.Second {
			w.Errorf("come back after %v, want the rest of the claim", after)
		}
		m.expect(w, 1, 1)
	})
}

// R₁ claim E X T R₂ claim over, claim, E: asked twice, under the same key. Only the other
// side can make one of it.
func TestCrashBetweenEffectAndMark(t *testing.T) {
	eachKind(t, func(w world) {
		m := &mail{}
		in := w.instance("crashes", func(ctx context.Context, in *role.Instance) error {
			return idem.Once(ctx, w.kind.cell(in.Clients(), "A"), "mail-A", func(ctx context.Context, key string) error {
				defer in.Kill()
				return m.send(ctx, key)
			}, idem.OnceOptions{})
		})
		<-in.Done()
		if err := w.once(w.cell("A"), m.send); !errors.Is(err, idem.ErrClaimed) {
			w.Errorf("at once: got %v, want ErrClaimed", err)
		}
		time.Sleep(time.Minute)
		w.must(w.once(w.cell("A"), m.send))
		m.expect(w, 2, 1)
	})
}

// The same with the mark lost, and tried again: one attempt. Lost for good, the effect is
// repeated.
func TestLostMark(t *testing.T) {
	for name, loss := range map[string]role.Loss{"request": role.LoseRequest, "answer": role.LoseAnswer} {
		t.Run(name, func(t *testing.T) {
			eachKind(t, func(w world) {
				m := &mail{}
				w.must(w.once(w.through(w.losing(2, loss), "A"), m.send))
				w.must(w.once(w.cell("A"), m.send))
				m.expect(w, 1, 1)
			})
		})
	}
	t.Run("for good", func(t *testing.T) {
		eachKind(t, func(w world) {
			m := &mail{}
			down := false
			network := w.downWhen(&down)
			err := w.once(w.through(network, "A"), func(ctx context.Context, key string) error {
				down = true
				return m.send(ctx, key)
			})
			if !errors.Is(err, idem.ErrUnmarked) || !errors.Is(err, role.ErrLost) {
				w.Errorf("got %v, want ErrUnmarked because of the network", err)
			}
			time.Sleep(time.Minute)
			w.must(w.once(w.cell("A"), m.send))
			m.expect(w, 2, 1)
		})
	})
}

// The claim's answer is lost: nothing has happened, and nothing can for the claim's time.
func TestLostClaim(t *testing.T) {
	eachKind(t, func(w world) {
		m := &mail{}
		if err := w.once(w.through(w.losing(1, role.LoseAnswer), "A"), m.send); !errors.Is(err, role.ErrLost) {
			w.Errorf("got %v, want the network's error", err)
		}
		if err := w.once(w.cell("A"), m.send); !errors.Is(err, idem.ErrClaimed) {
			w.Errorf("got %v, want ErrClaimed", err)
		}
		time.Sleep(time.Minute)
		w.must(w.once(w.cell("A"), m.send))
		m.expect(w, 1, 1)
	})
}

// A client that retries runs into its own claim, and knows it.
func TestOnceKnowsItsOwnClaim(t *testing.T) {
	eachKind(t, func(w world) {
		m := &mail{}
		for n := range 2 { // the claim's answer lost, then the mark's
			name := fmt.Sprint("A", n)
			w.must(w.once(w.kind.cell(w.dial(w.losing(n+1, role.LoseAnswer), 3), name), m.send))
		}
		m.expect(w, 2, 1) // two claims, one key
	})
}

// R₁ claim [frozen] T R₂ claim over, claim, E, done [thawed]: the claim is over, and the
// effect is not begun.
func TestZombieDoesNotBegin(t *testing.T) {
	eachKind(t, func(w world) {
		m := &mail{}
		result := make(chan error, 1)
		zombie := w.instance("zombie", func(ctx context.Context, in *role.Instance) error {
			err := idem.Once(ctx, claims{w.kind.cell(in.Clients(), "A"), in}, "mail-A", m.send, idem.OnceOptions{})
			result <- err
			return err
		})
		time.Sleep(5 * time.Minute)
		w.must(w.once(w.cell("A"), m.send))
		w.must(zombie.Thaw())
		if err := <-result; !errors.Is(err, idem.ErrClaimOver) && !errors.Is(err, context.DeadlineExceeded) {
			w.Errorf("the zombie got %v, want ErrClaimOver", err)
		}
		m.expect(w, 1, 1)
	})
}

// claims is a cell whose instance freezes when it has claimed.
type claims struct {
	idem.Cell
	in *role.Instance
}

func (c claims) Write(ctx context.Context, document []byte, version azcore.ETag) (azcore.ETag, error) {
	after, err := c.Cell.Write(ctx, document, version)
	_ = c.in.Freeze()
	return after, errors.Join(err, c.in.Reach(ctx, func() error { return nil })) // waits for the thaw
}

// A zombie whose effect was under way when it was frozen: twice at the other side, under
// one key. Its mark finds the other's, and all is well.
func TestZombieInTheEffect(t *testing.T) {
	eachKind(t, func(w world) {
		m := &mail{}
		result := make(chan error, 1)
		zombie := w.instance("zombie", func(ctx context.Context, in *role.Instance) error {
			err := idem.Once(ctx, w.kind.cell(in.Clients(), "A"), "mail-A", func(ctx context.Context, key string) error {
				_ = in.Freeze()
				return in.Reach(context.WithoutCancel(ctx), func() error { return m.send(ctx, key) })
			}, idem.OnceOptions{})
			result <- err
			return err
		})
		time.Sleep(5 * time.Minute)
		w.must(w.once(w.cell("A"), m.send))
		w.must(zombie.Thaw())
		w.must(<-result)
		m.expect(w, 2, 1)
	})
}

// A slow attempt whose effect succeeds after its claim was taken over: its mark stands, and
// the one that took over finds it.
func TestMarkOverAnothersClaim(t *testing.T) {
	eachKind(t, func(w world) {
		m, later, third := &mail{}, &mail{}, &mail{}
		second := make(chan error, 1)
		w.must(w.once(w.cell("A"), func(ctx context.Context, key string) error {
			time.Sleep(61 * time.Second)
			go func() {
				second <- w.once(w.cell("A"), func(ctx context.Context, key string) error {
					time.Sleep(10 * time.Second)
					return later.send(ctx, key)
				})
			}()
			time.Sleep(time.Second)
			return m.send(ctx, key)
		}))
		w.must(w.once(w.cell("A"), third.send)) // while the second still works
		w.must(<-second)
		m.expect(w, 1, 1)
		later.expect(w, 1, 1)
		third.expect(w, 0, 0)
	})
}

// At most n times: each claim is counted before its effect.
func TestAttempts(t *testing.T) {
	eachKind(t, func(w world) {
		for _, attempts := range []int{1, 3} {
			m := &mail{}
			name := fmt.Sprint("A", attempts)
			for range 5 {
				in := w.instance("crashes", func(ctx context.Context, in *role.Instance) error {
					return idem.Once(ctx, w.kind.cell(in.Clients(), name), "mail-A", func(ctx context.Context, key string) error {
						defer in.Kill()
						return m.send(ctx, key)
					}, idem.OnceOptions{Attempts: attempts})
				})
				<-in.Done()
				time.Sleep(2 * time.Minute)
			}
			m.expect(w, attempts, 1)
			err := idem.Once(w.Context(), w.cell(name), "mail-A", m.send, idem.OnceOptions{Attempts: attempts})
			if !errors.Is(err, idem.ErrExhausted) {
				w.Errorf("got %v, want ErrExhausted", err)
			}
		}
	})
}

// An effect that fails gives its claim up: the next delivery need not wait.
func TestFailedEffect(t *testing.T) {
	eachKind(t, func(w world) {
		m := &mail{}
		full := errors.New("mailbox full")
		if err := w.once(w.cell("A"), func(context.Context, string) error { return full }); !errors.Is(err, full) {
			w.Errorf("got %v, want the effect's error", err)
		}
		w.must(w.once(w.cell("A"), m.send))
		m.expect(w, 1, 1)
	})
}

// It counts as an attempt all the same: it may have happened.
func TestFailedEffectIsAnAttempt(t *testing.T) {
	eachKind(t, func(w world) {
		try := func() error {
			return idem.Once(w.Context(), w.cell("A"), "mail-A", func(context.Context, string) error {
				return role.ErrLost
			}, idem.OnceOptions{Attempts: 2})
		}
		for _, want := range []error{role.ErrLost, role.ErrLost, idem.ErrExhausted, idem.ErrExhausted} {
			if err := try(); !errors.Is(err, want) {
				w.Errorf("got %v, want %v", err, want)
			}
		}
	})
}

func TestPanickingEffectKeepsItsClaim(t *testing.T) {
	eachKind(t, func(w world) {
		func() {
			defer func() { _ = recover() }()
			_ = w.once(w.cell("A"), func(context.Context, string) error { panic("bug") })
		}()
		m := &mail{}
		if err := w.once(w.cell("A"), m.send); !errors.Is(err, idem.ErrClaimed) {
			w.Errorf("got %v, want ErrClaimed", err)
		}
		time.Sleep(time.Minute)
		w.must(w.once(w.cell("A"), m.send))
		m.expect(w, 1, 1)
	})
}

// The effect's time is bounded by its claim.
func TestEffectEndsWithItsClaim(t *testing.T) {
	eachKind(t, func(w world) {
		began := time.Now()
		err := idem.Once(w.Context(), w.cell("A"), "mail-A", func(ctx context.Context, _ string) error {
			<-ctx.Done()
			return context.Cause(ctx)
		}, idem.OnceOptions{Claim: 10 * time.Second})
		if took := time.Since(began); !errors.Is(err, idem.ErrClaimOver) || took != 10*time.Second {
			w.Errorf("got %v after %v", err, took)
		}
	})
}

// A stop cancels the work's context just after the effect: it is marked all the same.
func TestMarkIsDetached(t *testing.T) {
	eachKind(t, func(w world) {
		m := &mail{}
		ctx, stop := context.WithCancel(w.Context())
		w.must(idem.Once(ctx, w.cell("A"), "mail-A", func(ctx context.Context, key string) error {
			defer stop()
			return m.send(ctx, key)
		}, idem.OnceOptions{}))
		w.must(w.once(w.cell("A"), m.send))
		m.expect(w, 1, 1)
	})
}

func TestOnceOfAForeignDocument(t *testing.T) {
	eachKind(t, func(w world) {
		for i, foreign := range []string{"hello", `{"total": 5}`} {
			cell := w.cell(fmt.Sprint("A", i))
			_, err := cell.Write(w.Context(), []byte(foreign), "")
			w.must(err)
			m := &mail{}
			if err := w.once(cell, m.send); !errors.Is(err, idem.ErrForeign) {
				w.Errorf("%s: got %v, want ErrForeign", foreign, err)
			}
			m.expect(w, 0, 0)
		}
	})
}
