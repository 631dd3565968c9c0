package role_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"
	"github.com/idemlint/idemlint/runtime/role"
)

// shop is a web role that enqueues what is posted, after a second of thought.
var shop = role.Role{Name: "shop", Handler: func(in *role.Instance) (http.Handler, error) {
	orders := in.Clients().Queues.NewQueueClient("orders")
	mux := http.NewServeMux()
	mux.HandleFunc("POST /orders", func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		time.Sleep(time.Second)
		if _, err := orders.EnqueueMessage(r.Context(), string(body), nil); err != nil {
			http.Error(w, err.Error(), http.StatusServiceUnavailable)
			return
		}
		w.WriteHeader(http.StatusAccepted)
		fmt.Fprintf(w, "%s has it", in.Name())
	})
	mux.HandleFunc("GET /panic", func(http.ResponseWriter, *http.Request) { panic("bug") })
	return mux, nil
}}

func order(ctx context.Context, w world, in policy.Transporter) (status int, body string, err error) {
	w.Helper()
	r, err := http.NewRequestWithContext(ctx, "POST", "http://shop/orders", strings.NewReader("tea"))
	w.must(err)
	answer, err := role.Client(in).Do(r)
	if err != nil {
		return 0, "", err
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	w.must(err)
	return answer.StatusCode, string(text), nil
}

func TestWebRoleAnswers(t *testing.T) {
	inWorld(t, func(w world) {
		in := w.start(shop)
		status, body, err := order(w.Context(), w, in)
		if err != nil || status != http.StatusAccepted || body != "test_IN_0 has it" {
			w.Errorf("got %d %q, %v", status, body, err)
		}
		if n := w.messages(); n != 1 {
			w.Errorf("%d messages, want 1", n)
		}
	})
}

func TestWebRoleDiesBeforeItEnqueues(t *testing.T) {
	inWorld(t, func(w world) {
		in := w.start(shop)
		time.AfterFunc(time.Second/2, in.Kill)
		if _, _, err := order(w.Context(), w, in); !errors.Is(err, role.ErrNoAnswer) {
			w.Errorf("got %v, want ErrNoAnswer", err)
		}
		if _, _, err := order(w.Context(), w, in); !errors.Is(err, role.ErrKilled) {
			w.Errorf("asked again: got %v, want ErrKilled", err)
		}
		<-in.Done()
		if n := w.messages(); n != 0 {
			w.Errorf("%d messages, want none", n)
		}
	})
}

// The order is in the queue and the customer does not know it. He will order again:
// that is the web role's own window.
func TestWebRoleFreezesAfterItEnqueued(t *testing.T) {
	inWorld(t, func(w world) {
		in := w.start(shop)
		ctx, cancel := context.WithTimeout(w.Context(), time.Minute)
		defer cancel()
		time.AfterFunc(time.Second, func() { synctest.Wait(); _ = in.Freeze() })
		done := make(chan error)
		go func() {
			_, _, err := order(ctx, w, in)
			done <- err
		}()
		time.Sleep(2 * time.Second)
		if n := w.messages(); n != 1 {
			w.Errorf("%d messages, want 1", n)
		}
		<-done // answered just before the freeze, or held: both happen
		_, _, err := order(ctx, w, in)
		if !errors.Is(err, context.DeadlineExceeded) {
			w.Errorf("frozen: got %v, want the caller's own deadline", err)
		}
		if n := w.messages(); n != 1 {
			w.Errorf("%d messages, want still 1", n)
		}
	})
}

func TestWebRoleLosesTheAnswerOfAPanic(t *testing.T) {
	inWorld(t, func(w world) {
		in := w.start(shop)
		r, _ := http.NewRequest("GET", "http://shop/panic", nil)
		if _, err := in.Do(r); !errors.Is(err, role.ErrNoAnswer) {
			w.Errorf("got %v, want ErrNoAnswer", err)
		}
		if _, _, err := order(w.Context(), w, in); err != nil {
			w.Errorf("the next request: %v", err)
		}
	})
}

func TestStoppingWebRoleFinishesItsRequests(t *testing.T) {
	inWorld(t, func(w world) {
		in := w.start(shop)
		got := make(chan error)
		go func() {
			_, _, err := order(w.Context(), w, in)
			got <- err
		}()
		time.Sleep(time.Second / 2)
		w.must(in.Stop())
		w.must(<-got)
		if _, _, err := order(w.Context(), w, in); !errors.Is(err, role.ErrStopped) {
			w.Errorf("after the stop: got %v, want ErrStopped", err)
		}
	})
}
