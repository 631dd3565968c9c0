package explore_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/bloberror"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/lease"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azqueue/v2"

	"github.com/idemlint/idemlint/runtime/explore"
)

// An ordinary receive loop, which ends with its context.
func TestReceiveLoop(t *testing.T) {
	loop := func(ctx context.Context, in *explore.Instance) error {
		for ctx.Err() == nil {
			m, err := receive(ctx, in, 30*time.Second)
			if err != nil || m == nil {
				time.Sleep(time.Second)
				continue
			}
			if addOnce(ctx, in, m) == nil {
				_ = settle(ctx, in, m)
			}
		}
		return ctx.Err()
	}
	survives(t, orders("one", "two"), loop)
}

// A loop that takes no notice of its context is ended with its process.
func TestLoopWithoutEnd(t *testing.T) {
	loop := func(ctx context.Context, in *explore.Instance) error {
		for {
			m, err := receive(ctx, in, 30*time.Second)
			if err != nil || m == nil {
				continue
			}
			if thumbnail(ctx, in, m) == nil {
				_ = settle(ctx, in, m)
			}
		}
	}
	w := orders("cat")
	w.Limits.Faults = 1
	r := explore.Check(t, w, loop)
	if r.Err != nil || r.Failure != nil {
		t.Error(r.Err, r.Failure)
	}
}

// Several goroutines of one handler make the same schedules each time, whichever of them
// runs first.
func TestSameBytesEachTime(t *testing.T) {
	fanOut := explore.Each(func(ctx context.Context, in *explore.Instance, m *azqueue.DequeuedMessage) error {
		var group sync.WaitGroup
		failed := make([]error, 3)
		for i := range failed {
			group.Go(func() {
				failed[i] = upload(ctx, in, "stats", newID(), fmt.Sprintf("part %d of %s", i, *m.MessageText))
			})
		}
		group.Wait()
		return errors.Join(failed...)
	})
	explored := func() (string, int, int) {
		r := explore.Check(t, orders("one", "two"), fanOut)
		return r.Failure.String(), r.Schedules, r.Operations
	}
	text, schedules, operations := explored()
	golden(t, "fanout", text)
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	for range 3 {
		again, n, m := explored()
		if again != text || n != schedules || m != operations {
			t.Errorf("%d schedules, %d operations, %s\nat first %d, %d, %s", n, m, again, schedules, operations, text)
		}
	}
}

// A message that goes to the poison queue is settled, and its work need not be there.
func TestPoisonQueueSettles(t *testing.T) {
	w := orders("good", "bad")
	w.Poison = "orders-poison"
	h := func(ctx context.Context, in *explore.Instance) error {
		m, err := receive(ctx, in, time.Minute)
		if m == nil {
			return err
		}
		if *m.DequeueCount > 2 || *m.MessageText == "bad" {
			if _, err := in.Queue("orders-poison").EnqueueMessage(ctx, *m.MessageText, nil); err != nil {
				return err
			}
			return settle(ctx, in, m)
		}
		if err := addOnce(ctx, in, m); err != nil {
			return err
		}
		return settle(ctx, in, m)
	}
	survives(t, w, h)

	// Without that queue being named it is one like any other, and the message is there twice.
	w.Poison = ""
	before := w.Before
	w.Before = func(ctx context.Context, in *explore.Instance) error {
		_, err := in.Queue("orders-poison").Create(ctx, nil)
		return errors.Join(err, before(ctx, in))
	}
	does(t, w, h, "2,1:D@1.3", "")
	does(t, w, h, "2,1:C@1.3", explore.Repeated)
}

// A message that never reaches the poison queue is lost.
func TestPoisonMessageLost(t *testing.T) {
	w := orders("bad")
	w.Poison = "orders-poison"
	h := explore.Each(func(ctx context.Context, in *explore.Instance, m *azqueue.DequeuedMessage) error {
		_, _ = in.Queue("orders-poison").EnqueueMessage(ctx, *m.MessageText, nil)
		return nil
	})
	does(t, w, h, "request@1.2", explore.Lost)
	does(t, w, h, "answer@1.2", "")
}

// What counts can be said otherwise: by a property, by what is ignored, by a mask.
func TestOwnJudgement(t *testing.T) {
	views := explore.Each(func(ctx context.Context, in *explore.Instance, m *azqueue.DequeuedMessage) error {
		return errors.Join(thumbnail(ctx, in, m), addBlindly(ctx, in, m))
	})
	w := orders("cat")
	does(t, w, views, "C@1.5", explore.Changed)

	ignoring := w
	ignoring.Ignore = func(name string) bool { return name == "blob stats/total" }
	does(t, ignoring, views, "C@1.5", "")

	masking := w
	masking.Mask = func(name, value string) string {
		if name == "blob stats/total" {
			return "some views"
		}
		return value
	}
	does(t, masking, views, "C@1.5", "")

	deciding := w
	deciding.Property = func(s explore.State) error {
		if len(s.Blobs["stats"]) < 2 {
			return errors.New("the thumbnail is missing")
		}
		return nil
	}
	does(t, deciding, views, "C@1.5", "")
	does(t, deciding, explore.Each(addBlindly), "none", explore.Broken)
}

// Requests to the world outside are answered by it, and it can remember.
func TestWorldOutside(t *testing.T) {
	w := orders("one")
	w.Outside = func() http.Handler {
		paid := map[string]bool{}
		return http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
			body, _ := io.ReadAll(r.Body)
			if paid[string(body)] {
				http.Error(rw, "paid already", http.StatusConflict)
				return
			}
			paid[string(body)] = true
			rw.WriteHeader(http.StatusCreated)
		})
	}
	w.Property = func(s explore.State) error {
		if n := len(s.Effects); n != 1 {
			return fmt.Errorf("%d requests: %v", n, s.Effects)
		}
		return nil
	}
	h := explore.Each(func(ctx context.Context, in *explore.Instance, m *azqueue.DequeuedMessage) error {
		r, err := http.NewRequestWithContext(ctx, http.MethodPut, "https://pay.example/"+*m.MessageID, strings.NewReader("EUR 10"))
		if err != nil {
			return err
		}
		answer, err := in.HTTP().Do(r)
		if err != nil {
			return err
		}
		defer answer.Body.Close()
		if answer.StatusCode == http.StatusConflict {
			return nil // by us, earlier
		}
		if answer.StatusCode != http.StatusCreated {
			return errors.New(answer.Status)
		}
		return nil
	})
	does(t, w, h, "none", "")
	does(t, w, h, "answer@1.2", explore.Broken) // two requests, the second one refused
	w.Property = nil
	survives(t, w, h) // and PUT says what is to be there, so that twice is once
}

// With the SDK's retries a lost answer to a create-only upload is a conflict with the
// caller's own write.
func TestRetriesOfTheSDK(t *testing.T) {
	w := orders("one")
	w.Retry = policy.RetryOptions{MaxRetries: 3}
	send := explore.Each(func(ctx context.Context, in *explore.Instance, m *azqueue.DequeuedMessage) error {
		_, err := in.Queue("next").EnqueueMessage(ctx, *m.MessageText, nil)
		return err
	})
	before := w.Before
	w.Before = func(ctx context.Context, in *explore.Instance) error {
		_, err := in.Queue("next").Create(ctx, nil)
		return errors.Join(err, before(ctx, in))
	}
	breaks(t, "sdk_retries", w, send, explore.Repeated)
}

// A first request that is lost is tried again by the handler's own loop.
func TestTimeoutsAreTimeouts(t *testing.T) {
	timeouts := 0
	h := explore.Each(func(ctx context.Context, in *explore.Instance, m *azqueue.DequeuedMessage) error {
		began := time.Now()
		err := thumbnail(ctx, in, m)
		var timeout interface{ Timeout() bool }
		if errors.As(err, &timeout) && timeout.Timeout() && time.Since(began).Round(time.Second) == 7*time.Second {
			timeouts++
		}
		return err
	})
	w := orders("cat")
	w.Timeout = 7 * time.Second
	does(t, w, h, "request@1.2", "")
	if timeouts != 1 {
		t.Errorf("%d timeouts after 7 s, want 1", timeouts)
	}
}

// A handler that asks for a lock again and again without a pause gets it when the lease of
// a crashed holder has ended.
func TestSpinningForALock(t *testing.T) {
	h := explore.Each(func(ctx context.Context, in *explore.Instance, m *azqueue.DequeuedMessage) error {
		blob := in.Blobs.NewContainerClient("stats").NewBlobClient("total")
		lock, err := lease.NewBlobClient(blob, nil)
		if err != nil {
			return err
		}
		for {
			_, err := lock.AcquireLease(ctx, 60, nil)
			if err == nil {
				break
			}
			if !bloberror.HasCode(err, bloberror.LeaseAlreadyPresent) {
				return err
			}
		}
		if err := thumbnail(ctx, in, m); err != nil {
			return err
		}
		_, err = lock.ReleaseLease(ctx, nil)
		return err
	})
	does(t, orders("cat", "dog"), h, "crash+@1.2", "") // the second one waits for 60 s
	does(t, orders("cat", "dog"), h, "overlap@1.3", "")
}

// Deferred calls and goroutines of a crashed process reach nobody.
func TestCrashedProcessIsSilent(t *testing.T) {
	h := explore.Each(func(ctx context.Context, in *explore.Instance, m *azqueue.DequeuedMessage) error {
		defer func() {
			_ = upload(context.WithoutCancel(ctx), in, "stats", "cleaned-up", "")
		}()
		go func() {
			for {
				time.Sleep(time.Second)
				if upload(context.WithoutCancel(ctx), in, "stats", "from-beyond", "") == nil {
					return
				}
			}
		}()
		return post(ctx, in, "https://example.com/", *m.MessageText, *m.MessageID)
	})
	w := orders("one")
	w.Property = func(s explore.State) error {
		// The first instance crashes; the second one writes each of them once.
		if n := len(s.Effects); n != 2 {
			return fmt.Errorf("%d requests, want 2", n)
		}
		if len(s.Blobs["stats"]) != 3 {
			return errors.New("the second instance did not write")
		}
		return nil
	}
	does(t, w, h, "crash+@1.2", "")
	w.Property = func(s explore.State) error {
		if _, found := s.Blobs["stats"]["cleaned-up"]; found {
			return errors.New("a dead process has written")
		}
		return nil
	}
	dead := func(ctx context.Context, in *explore.Instance) error {
		if in.ID > 1 {
			m, err := receive(ctx, in, time.Minute)
			if m == nil {
				return err
			}
			return settle(ctx, in, m)
		}
		return h(ctx, in)
	}
	does(t, w, dead, "crash+@1.2", "")
}

func TestWhatCannotBePlayed(t *testing.T) {
	w := orders("one")
	for _, word := range []string{"", "C@1", "C@0.1", "lost@1.2", "2:none", "1,1:none", "/0:none", "C@9.9"} {
		if f, _, err := explore.Replay(t, w, explore.Each(thumbnail), word); err == nil {
			t.Errorf("schedule %q is played: %v", word, f)
		}
	}
	w.Before = func(context.Context, *explore.Instance) error { return errors.New("no world") }
	if r := explore.Check(t, w, explore.Each(thumbnail)); r.Err == nil || !strings.Contains(r.Err.Error(), "no world") {
		t.Errorf("Check gives %v, want the error of Before", r.Err)
	}
}

// A property is told of all messages of the world: with fewer of them it need not hold,
// and that is no failure.
func TestPropertyOfAllMessages(t *testing.T) {
	w := orders("one", "two")
	w.Property = func(s explore.State) error {
		if total := string(s.Blobs["stats"]["total"].Content); total != `{"n":7}` {
			return errors.New("the total is " + total)
		}
		return nil
	}
	f := explore.Check(t, w, explore.Each(addWithETag)).Failure
	if f == nil || f.Schedule.String() != "answer@1.3" {
		t.Errorf("found %v, want schedule answer@1.3", f)
	}
	// This one can be told of any of them.
	w.Messages = []string{"one", "two", "three"}
	w.Property = func(s explore.State) error {
		if strings.Count(string(s.Blobs["stats"]["log"].Content), "three") > 1 {
			return errors.New("three is there twice")
		}
		return nil
	}
	f = explore.Check(t, w, explore.Each(logged)).Failure
	if f == nil || f.Schedule.String() != "3:answer@1.3" {
		t.Errorf("found %v, want schedule 3:answer@1.3", f)
	}
}

// logged writes a line at the end of a log.
func logged(ctx context.Context, in *explore.Instance, m *azqueue.DequeuedMessage) error {
	got, err := in.Storage().DownloadStream(ctx, "stats", "log", nil)
	text := []byte{}
	if err == nil {
		text, err = io.ReadAll(got.Body)
		_ = got.Body.Close()
	}
	if err != nil && !bloberror.HasCode(err, bloberror.BlobNotFound) {
		return err
	}
	return upload(ctx, in, "stats", "log", string(text)+*m.MessageText+"\n")
}
