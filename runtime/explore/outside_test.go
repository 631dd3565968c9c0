package explore_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/storage/azqueue/v2"

	"github.com/idemlint/idemlint/runtime/explore"
)

// slowly is a world outside that takes so long for each answer.
func slowly(takes time.Duration) func() http.Handler {
	return func() http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			select {
			case <-time.After(takes):
				w.WriteHeader(http.StatusCreated)
			case <-r.Context().Done():
			}
		})
	}
}

// asking posts what the message says, and writes down that it has.
func asking(timeout time.Duration) explore.Handler {
	return explore.Each(func(ctx context.Context, in *explore.Instance, m *azqueue.DequeuedMessage) error {
		r, err := http.NewRequestWithContext(ctx, http.MethodPost, "https://pay.example/", strings.NewReader(*m.MessageText))
		if err != nil {
			return err
		}
		r.Header.Set("Idempotency-Key", *m.MessageID)
		client := in.HTTP()
		client.Timeout = timeout
		answer, err := client.Do(r)
		if err != nil {
			return err
		}
		if _, err = io.Copy(io.Discard, answer.Body); err != nil || answer.StatusCode != http.StatusCreated {
			return errors.Join(err, errors.New(answer.Status), answer.Body.Close())
		}
		return errors.Join(answer.Body.Close(), thumbnail(ctx, in, m))
	})
}

// Time that passes in the world outside passes for the one who waits for its answer, and the
// others go on.
func TestOutsideTakesItsTime(t *testing.T) {
	w := orders("cat", "dog")
	w.Outside = slowly(50 * time.Second)
	w.Limits.Schedules = 200
	survives(t, w, asking(0))
	// Longer than the lease, so that a second worker begins before the first one is done.
	w.Outside = slowly(150 * time.Second)
	f := breaks(t, "slow_outside", w, asking(0), explore.Stuck)
	if f.Schedule.Workers != 2 || len(f.Schedule.Faults) > 0 {
		t.Errorf("schedule %s, want two workers and no fault", f.Schedule)
	}
	// Who does not wait so long never gets an answer.
	w = orders("cat")
	w.Outside = slowly(50 * time.Second)
	breaks(t, "impatient", w, asking(20*time.Second), explore.Stuck)
}

// Two answers are on their way at once: the handler of the world outside must be one that can
// serve two at a time.
func TestOutsideServesSeveralAtOnce(t *testing.T) {
	var mu sync.Mutex
	most := 0
	w := orders("cat", "dog")
	w.Outside = func() http.Handler {
		busy := 0
		count := func(n int) {
			mu.Lock()
			defer mu.Unlock()
			busy += n
			most = max(most, busy)
		}
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			count(1)
			time.Sleep(50 * time.Second)
			count(-1)
			w.WriteHeader(http.StatusCreated)
		})
	}
	does(t, w, asking(0), "none", "")
	if most != 1 {
		t.Errorf("one worker: %d at once", most)
	}
	does(t, w, asking(0), "/2:none", "")
	if most != 2 {
		t.Errorf("two workers: %d at once", most)
	}
}

// What goes wrong with a request goes wrong with a slow one, too; the request itself is done.
func TestFaultsOfSlowRequests(t *testing.T) {
	for _, word := range []string{"request@1.2", "answer@1.2", "crash-@1.2", "crash+@1.2", "stop@1.2", "freeze@1.2", "crash-@1.3"} {
		t.Run(word, func(t *testing.T) {
			w := orders("cat")
			w.Outside = slowly(50 * time.Second)
			asked := 0
			w.Property = func(s explore.State) error {
				asked = len(s.Effects)
				return nil
			}
			does(t, w, asking(0), word, "")
			want := 2
			switch word {
			case "request@1.2", "crash-@1.2":
				want = 1 // it never arrived
			case "stop@1.2":
				want = 1 // on a context that was cancelled before
			}
			if asked != want {
				t.Errorf("%d requests, want %d", asked, want)
			}
		})
	}
}

// A world outside that takes its time makes the same bytes each time.
func TestSlowOutsideIsDeterministic(t *testing.T) {
	w := orders("cat", "dog")
	w.Outside = slowly(50 * time.Second)
	w.Limits.Schedules = 50
	explored := func() string {
		r := explore.Check(t, w, asking(0))
		return fmt.Sprint(r.Schedules, r.Operations, r.Possible, r.Failure)
	}
	first := explored()
	for range 2 {
		if again := explored(); again != first {
			t.Errorf("%s\nat first %s", again, first)
		}
	}
}
