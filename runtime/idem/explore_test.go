package idem_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"testing"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azqueue/v2"
	"github.com/idemlint/idemlint/runtime/explore"
	"github.com/idemlint/idemlint/runtime/idem"
	"github.com/idemlint/idemlint/runtime/worker"
)

// Every schedule with up to two faults, as far as the search goes: what package idem
// promises holds in all of them, and each of its parts is needed: without it a schedule
// does harm.

// before makes what the handlers find.
func before(ctx context.Context, in *explore.Instance) error {
	if _, err := in.Blobs.CreateContainer(ctx, "stats", nil); err != nil {
		return err
	}
	_, err := in.Tables.CreateTable(ctx, "stats", nil)
	return err
}

// loop is package worker's message loop around a handler.
func loop(handle func(ctx context.Context, in *explore.Instance, m worker.Message) error) explore.Handler {
	return func(ctx context.Context, in *explore.Instance) error {
		w, err := worker.New(in.Queue("orders"), func(ctx context.Context, m worker.Message) error {
			return handle(ctx, in, m)
		}, worker.Options{Log: slog.New(slog.DiscardHandler)})
		if err != nil {
			return err
		}
		return w.Run(ctx)
	}
}

// single receives one message, handles it, and returns: fewer operations, and so more of
// the schedules of what is between them.
func single(handle func(ctx context.Context, in *explore.Instance, m worker.Message) error) explore.Handler {
	return explore.Each(func(ctx context.Context, in *explore.Instance, m *azqueue.DequeuedMessage) error {
		return handle(ctx, in, worker.Message{ID: *m.MessageID, Body: *m.MessageText})
	})
}

var loops = []struct {
	name string
	of   func(func(context.Context, *explore.Instance, worker.Message) error) explore.Handler
}{{"single", single}, {"worker", loop}}

// total is what each message is added to, by its length.
type total struct{ Sum int }

// add is the handler: one message, one addition. weaken takes something away from the cell.
func add(k kind, weaken func(idem.Cell) idem.Cell) func(context.Context, *explore.Instance, worker.Message) error {
	return func(ctx context.Context, in *explore.Instance, m worker.Message) error {
		_, err := idem.Update(ctx, weaken(k.cell(in.Clients, "total")), m.Body, func(t *total) error {
			t.Sum += len(m.Body)
			return nil
		})
		return err
	}
}

func asItIs(c idem.Cell) idem.Cell { return c }

func TestUpdateSurvivesEverySchedule(t *testing.T) {
	for _, k := range kinds {
		for _, l := range loops {
			t.Run(k.name+"/"+l.name, func(t *testing.T) {
				explore.Run(t, ledgerWorld(), l.of(add(k, asItIs)))
			})
		}
	}
}

func ledgerWorld() explore.World {
	return explore.World{
		Queue: "orders", Messages: []string{"a", "bc"}, Before: before,
		Limits: limits(),
	}
}

// unconditional is a cell that writes whatever stands there: workers lose each other's
// updates.
type unconditional struct{ idem.Cell }

func (c unconditional) Write(ctx context.Context, document []byte, version azcore.ETag) (azcore.ETag, error) {
	for {
		after, err := c.Cell.Write(ctx, document, version)
		if err != idem.ErrConflict {
			return after, err
		}
		if _, version, err = c.Cell.Read(ctx); err != nil {
			return "", err
		}
	}
}

// forgetful is a cell that keeps the value and no ids: a message that comes again is added
// again.
type forgetful struct{ idem.Cell }

func (c forgetful) Read(ctx context.Context) ([]byte, azcore.ETag, error) {
	document, version, err := c.Cell.Read(ctx)
	value, _, _ := strings.Cut(string(document), `,"applied"`)
	if value != "" {
		value += "}"
	}
	return []byte(value), version, err
}

func TestUpdateNeedsBothItsParts(t *testing.T) {
	for name, weaken := range map[string]func(idem.Cell) idem.Cell{
		"no condition": func(c idem.Cell) idem.Cell { return unconditional{c} },
		"no ids":       func(c idem.Cell) idem.Cell { return forgetful{c} },
	} {
		for _, k := range kinds {
			t.Run(name+"/"+k.name, func(t *testing.T) {
				found(t, explore.Changed, explore.Check(t, ledgerWorld(), single(add(k, weaken))))
			})
		}
	}
}

// found expects a schedule that does this harm.
func found(t *testing.T, harm explore.Harm, r explore.Result) {
	t.Helper()
	if r.Err != nil {
		t.Fatal(r.Err)
	}
	if r.Failure == nil {
		t.Fatalf("%d schedules, and none does harm", r.Schedules)
	}
	if r.Failure.Harm != harm {
		t.Errorf("the harm is %s, want %s", r.Failure.Harm, harm)
	}
	t.Log(r.Failure)
}

// mailHandler sends one letter for each message, to a provider that may or may not know
// idempotency keys. It leaves the message when another attempt has it.
func mailHandler(k kind, o idem.OnceOptions, withKey bool, weaken func(idem.Cell) idem.Cell) func(context.Context, *explore.Instance, worker.Message) error {
	return func(ctx context.Context, in *explore.Instance, m worker.Message) error {
		return idem.Once(ctx, weaken(k.cell(in.Clients, m.Body)), "mail-"+m.Body, func(ctx context.Context, key string) error {
			r, err := http.NewRequestWithContext(ctx, http.MethodPost, "https://mail.example/send", strings.NewReader(m.Body))
			if err != nil {
				return err
			}
			if withKey {
				r.Header.Set("Idempotency-Key", key)
			}
			answer, err := in.HTTP().Do(r)
			if err != nil {
				return err
			}
			return answer.Body.Close()
		}, o)
	}
}

func mailWorld() explore.World {
	w := ledgerWorld()
	w.Messages = w.Messages[:1]
	return w
}

// With a key that the provider honours: exactly once, in every schedule.
func TestOnceSurvivesEverySchedule(t *testing.T) {
	for _, k := range kinds {
		for _, l := range loops {
			t.Run(k.name+"/"+l.name, func(t *testing.T) {
				explore.Run(t, mailWorld(), l.of(mailHandler(k, idem.OnceOptions{}, true, asItIs)))
			})
		}
	}
}

// Without one, a crash between the effect and its mark sends the letter twice.
func TestOnceNeedsTheKey(t *testing.T) {
	for _, k := range kinds {
		t.Run(k.name, func(t *testing.T) {
			h := single(mailHandler(k, idem.OnceOptions{}, false, asItIs))
			found(t, explore.Repeated, explore.Check(t, mailWorld(), h))
		})
	}
}

// atMost is a world in which the provider may be asked so often, key or no key. The sender
// enqueued the message twice, so that two workers can have it at the same time.
func atMost(letters int) explore.World {
	w := mailWorld()
	w.Messages = []string{"a", "a"}
	w.Property = func(s explore.State) error {
		if n := len(s.Effects); n > letters {
			return fmt.Errorf("%d letters", n)
		}
		return nil
	}
	return w
}

// attempting sends a letter in at most n attempts, and then gives the message up.
func attempting(k kind, n int, weaken func(idem.Cell) idem.Cell) explore.Handler {
	handle := mailHandler(k, idem.OnceOptions{Attempts: n}, false, weaken)
	return single(func(ctx context.Context, in *explore.Instance, m worker.Message) error {
		err := handle(ctx, in, m)
		if errors.Is(err, idem.ErrExhausted) {
			return nil // where a poison queue would take over
		}
		return err
	})
}

// At most n letters, whatever happens.
func TestAttemptsBoundEverySchedule(t *testing.T) {
	for _, n := range []int{1, 2} {
		for _, k := range kinds {
			t.Run(fmt.Sprint(n, "/", k.name), func(t *testing.T) {
				explore.Run(t, atMost(n), attempting(k, n, asItIs))
			})
		}
	}
}

// A claim without a condition is none.
func TestAttemptsNeedTheCondition(t *testing.T) {
	for _, k := range kinds {
		t.Run(k.name, func(t *testing.T) {
			h := attempting(k, 1, func(c idem.Cell) idem.Cell { return unconditional{c} })
			found(t, explore.Broken, explore.Check(t, atMost(1), h))
		})
	}
}

// limits end a search after all schedules with one fault and some of those with two.
func limits() explore.Limits {
	if testing.Short() {
		return explore.Limits{Schedules: 30}
	}
	return explore.Limits{Schedules: 300}
}
