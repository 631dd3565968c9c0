package explore_test

import (
	"context"
	"fmt"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azqueue/v2"

	"github.com/idemlint/idemlint/runtime/explore"
)

// says plays the schedule without faults, which must do harm of a kind and say so.
func says(t *testing.T, w explore.World, h explore.Handler, kind explore.Harm, text string) {
	t.Helper()
	f, steps, err := explore.Replay(t, w, h, "none")
	if err != nil {
		t.Fatal(err)
	}
	if f == nil || f.Harm != kind || !strings.Contains(f.Text, text) {
		t.Errorf("found %v, want %s: %s\n%s", f, kind, text, steps)
	}
}

func TestNeverReceived(t *testing.T) {
	says(t, orders("one", "two"), func(context.Context, *explore.Instance) error { return nil },
		explore.Stuck, "2 messages are not settled after 24h0m0s")
}

func TestHiddenForDays(t *testing.T) {
	h := func(ctx context.Context, in *explore.Instance) error {
		m, err := receive(ctx, in, 7*24*time.Hour)
		if m == nil {
			return err
		}
		return context.Canceled
	}
	says(t, orders("one"), h, explore.Stuck, "1 message is not settled after 24h0m0s; the handler's last error: context canceled")
	w := orders("one")
	w.Limits.Horizon = time.Hour
	says(t, w, h, explore.Stuck, "not settled after 1h0m0s")
}

func TestWorksForDays(t *testing.T) {
	h := explore.Each(func(ctx context.Context, in *explore.Instance, m *azqueue.DequeuedMessage) error {
		if err := settle(ctx, in, m); err != nil {
			return err
		}
		time.Sleep(48 * time.Hour)
		return nil
	})
	says(t, orders("one"), h, explore.Endless, "still working after 24h0m0s, though all messages are settled")
}

// The last thing to happen may be that an instance thaws whose client has long since given
// up: then there is nothing left to wait for.
func TestThawsWithNothingToDo(t *testing.T) {
	w := orders("cat")
	w.Retry = policy.RetryOptions{MaxRetries: 3}
	does(t, w, explore.Each(thumbnail), "freeze@1.3,stop@2.4,D@2.4", "")
}

// A handler may put work on its own queue: it is done when all of that is.
func TestMessagesForItself(t *testing.T) {
	h := explore.Each(func(ctx context.Context, in *explore.Instance, m *azqueue.DequeuedMessage) error {
		if n := number(m); n > 1 {
			delay := int32(600)
			if _, err := in.Queue("orders").EnqueueMessage(ctx, fmt.Sprint(n-1),
				&azqueue.EnqueueMessageOptions{VisibilityTimeout: &delay}); err != nil {
				return err
			}
		}
		return upload(ctx, in, "stats", "step-"+*m.MessageText, "done")
	})
	w := orders("3")
	w.Property = func(s explore.State) error {
		for _, name := range []string{"step-3", "step-2", "step-1"} {
			if _, found := s.Blobs["stats"][name]; !found {
				return fmt.Errorf("%s was not done", name)
			}
		}
		return nil
	}
	survives(t, w, h)
}

// Work that goes on after the delete, in a goroutine, is waited for.
func TestWorkAfterTheLastDelete(t *testing.T) {
	h := explore.Each(func(ctx context.Context, in *explore.Instance, m *azqueue.DequeuedMessage) error {
		go func() {
			time.Sleep(time.Minute)
			_ = thumbnail(context.WithoutCancel(ctx), in, m)
		}()
		return nil
	})
	does(t, orders("cat"), h, "none", "")
	does(t, orders("cat"), h, "crash+@1.2", explore.Lost)
}

// What is bounded is chosen by a seed: the same each time, other with another seed.
func TestBudgetIsSpentBySeed(t *testing.T) {
	operations := func(seed uint64) (int, int) {
		w := orders("cat", "dog")
		w.Limits = explore.Limits{Schedules: 40, Seed: seed}
		r := explore.Check(t, w, explore.Each(addOnce))
		if r.Failure != nil || r.Possible < 1000 {
			t.Fatalf("%d possible schedules; %v", r.Possible, r.Failure)
		}
		return r.Schedules, r.Operations
	}
	schedules, a := operations(1)
	if again, b := operations(1); again != schedules || a != b {
		t.Errorf("%d schedules with %d operations, then %d with %d", schedules, a, again, b)
	}
	if other, b := operations(2); other != schedules || a == b {
		t.Errorf("seed 2 plays the same: %d schedules with %d operations", other, b)
	}
}

// Three faults take what two have left.
func TestThreeFaults(t *testing.T) {
	w := orders("one")
	w.Limits = explore.Limits{Faults: 3, Schedules: 200}
	var last atomic.Int64 // instances begin at the same time
	w.Property = func(explore.State) error { return nil }
	r := explore.Check(t, w, explore.Process(func(in *explore.Instance) explore.Handler {
		if in.ID > 3 { // three crashes make a fourth instance
			last.Store(int64(in.ID))
		}
		return explore.Each(addOnce)
	}))
	if r.Failure != nil || last.Load() != 4 {
		t.Errorf("instance %d is the last one in %d schedules, want 4: %v", last.Load(), r.Schedules, r.Failure)
	}
}

// A search leaves nothing running, whatever it crashed and froze.
func TestNoGoroutinesAreLeft(t *testing.T) {
	before := runtime.NumGoroutine()
	survives(t, orders("one"), renewing(addOnce, true))
	if after := runtime.NumGoroutine(); after > before {
		t.Errorf("%d goroutines, %d before", after, before)
	}
}
