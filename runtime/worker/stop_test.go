package worker_test

import (
	"context"
	"errors"
	"net/http"
	"testing"
	"time"

	"github.com/idemlint/idemlint/runtime/worker"
)

// SIGTERM in the work: it is finished, and deleted although the loop's context is done.
func TestStopFinishesTheWork(t *testing.T) {
	inWorld(t, func(w world) {
		w.put("tea", "milk")
		j := &journal{w: w}
		r := w.run(w.queue, worker.Options{}, func(ctx context.Context, m worker.Message) error {
			time.Sleep(20 * time.Second)
			j.note("%s, %v", m.Body, ctx.Err())
			return nil
		})
		time.Sleep(time.Second)
		w.must(r.stop())
		j.expect("20s tea, <nil>")
		if n := w.count(w.queue); n != 1 {
			w.Errorf("%d messages left, want the one that was not received", n)
		}
	})
}

func TestGraceIsLimited(t *testing.T) {
	inWorld(t, func(w world) {
		w.put("tea")
		j := &journal{w: w}
		r := w.run(w.queue, worker.Options{Grace: 10 * time.Second}, waits(j))
		time.Sleep(time.Second)
		if err := r.stop(); !errors.Is(err, worker.ErrStopped) {
			w.Errorf("got %v, want ErrStopped", err)
		}
		j.expect("11s worker: stopped")
		if n := w.count(w.queue); n != 1 {
			w.Errorf("%d messages left, want the unfinished one", n)
		}
	})
}

// Work that goes on past the grace period, and is done in the end: its lease is held, and
// it is deleted.
func TestUnstoppableWorkIsStillSettled(t *testing.T) {
	inWorld(t, func(w world) {
		w.put("tea")
		j := &journal{w: w}
		o := worker.Options{Grace: 10 * time.Second, PollMax: time.Second}
		work := func(ctx context.Context, m worker.Message) error {
			time.Sleep(5 * time.Minute)
			j.note("%s, %v", m.Body, context.Cause(ctx))
			return nil
		}
		r := w.run(w.queue, o, work)
		time.Sleep(time.Second)
		other := w.run(w.queue, o, work)
		if err := r.stop(); !errors.Is(err, worker.ErrStopped) {
			w.Errorf("got %v, want ErrStopped", err)
		}
		w.must(other.stop())
		j.expect("5m0s tea, worker: stopped")
		if n := w.count(w.queue); n != 0 {
			w.Errorf("%d messages left", n)
		}
	})
}

// What the receive under way brings is worked on: cut short, it would have hidden a
// message that nobody has.
func TestStopWaitsForTheReceive(t *testing.T) {
	inWorld(t, func(w world) {
		w.put("tea")
		j := &journal{w: w}
		r := w.run(w.through(slowReceives{w.account}, "orders"), worker.Options{}, func(_ context.Context, m worker.Message) error {
			j.note("%s", m.Body)
			return nil
		})
		time.Sleep(time.Second)
		w.must(r.stop())
		j.expect("2s tea")
		if n := w.count(w.queue); n != 0 {
			w.Errorf("%d messages left", n)
		}
	})
}

type slowReceives struct {
	next interface {
		Do(*http.Request) (*http.Response, error)
	}
}

func (n slowReceives) Do(r *http.Request) (*http.Response, error) {
	answer, err := n.next.Do(r)
	if isReceive(r) {
		time.Sleep(2 * time.Second)
	}
	return answer, err
}

func TestStopOfAnIdleWorkerIsAtOnce(t *testing.T) {
	inWorld(t, func(w world) {
		r := w.run(w.queue, worker.Options{}, nothing)
		time.Sleep(5 * time.Second)
		w.must(r.stop())
		if took := w.since(); took != 5*time.Second {
			w.Errorf("stopped after %v", took)
		}
	})
}
