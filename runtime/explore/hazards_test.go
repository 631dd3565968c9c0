package explore_test

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/data/aztables"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azqueue/v2"

	"github.com/idemlint/idemlint/runtime/explore"
)

// What people really get wrong, each with the schedule that does the harm.

// A crash between delete and work loses the work.
func TestDeleteBeforeWorkLoses(t *testing.T) {
	h := func(ctx context.Context, in *explore.Instance) error {
		m, err := receive(ctx, in, 2*time.Minute)
		if m == nil {
			return err
		}
		if err := settle(ctx, in, m); err != nil {
			return err
		}
		return thumbnail(ctx, in, m)
	}
	breaks(t, "delete_before_work", orders("cat"), h, explore.Lost)
	does(t, orders("cat"), h, "crash+@1.2", explore.Lost)
}

// A path without delete: the message comes again for ever, even if nothing goes wrong.
func TestMissingDeleteIsNeverSettled(t *testing.T) {
	h := func(ctx context.Context, in *explore.Instance) error {
		m, err := receive(ctx, in, 2*time.Minute)
		if m == nil {
			return err
		}
		if strings.HasPrefix(*m.MessageText, "skip") {
			return nil // forgotten
		}
		return errors.Join(thumbnail(ctx, in, m), settle(ctx, in, m))
	}
	breaks(t, "missing_delete", orders("cat", "skip me"), h, explore.Stuck)
}

// An error that is dropped before the delete loses the work when a request is lost.
func TestSwallowedErrorLoses(t *testing.T) {
	h := explore.Each(func(ctx context.Context, in *explore.Instance, m *azqueue.DequeuedMessage) error {
		_ = thumbnail(ctx, in, m)
		return nil
	})
	breaks(t, "swallowed_error", orders("cat"), h, explore.Lost)
}

// rows is a world with a table.
func rows(messages ...string) explore.World {
	w := orders(messages...)
	w.Before = func(ctx context.Context, in *explore.Instance) error {
		_, err := in.Tables.NewClient("accounts").CreateTable(ctx, nil)
		return err
	}
	return w
}

func insert(ctx context.Context, in *explore.Instance, row string, properties map[string]any) error {
	entity, err := json.Marshal(aztables.EDMEntity{
		Entity:     aztables.Entity{PartitionKey: "p", RowKey: row},
		Properties: properties,
	})
	if err != nil {
		return err
	}
	_, err = in.Tables.NewClient("accounts").UpsertEntity(ctx, entity, nil)
	return err
}

// newID is a random UUID.
func newID() string {
	b := make([]byte, 16)
	_, _ = rand.Read(b)
	return fmt.Sprintf("%x-%x-%x-%x-%x", b[:4], b[4:6], b[6:8], b[8:10], b[10:])
}

// A row under a key of its own for each attempt is there twice after two attempts.
func TestFreshKeyMakesTwoRows(t *testing.T) {
	fresh := explore.Each(func(ctx context.Context, in *explore.Instance, m *azqueue.DequeuedMessage) error {
		return insert(ctx, in, newID(), map[string]any{"Name": *m.MessageText})
	})
	breaks(t, "freshkey", rows("ann"), fresh, explore.Changed)

	derived := explore.Each(func(ctx context.Context, in *explore.Instance, m *azqueue.DequeuedMessage) error {
		return insert(ctx, in, *m.MessageID, map[string]any{"Name": *m.MessageText, "At": time.Now()})
	})
	survives(t, rows("ann"), derived)
}

// A fresh identity that is written at two places must be the same at both.
func TestFreshIdentityAtTwoPlaces(t *testing.T) {
	h := explore.Each(func(ctx context.Context, in *explore.Instance, m *azqueue.DequeuedMessage) error {
		id := newID()
		if err := insert(ctx, in, "by-name "+*m.MessageText, map[string]any{"ID": id}); err != nil {
			return err
		}
		err := insert(ctx, in, "by-id "+id, map[string]any{"Name": *m.MessageText})
		return err
	})
	does(t, rows("ann"), h, "C@1.4", explore.Changed) // two rows by id
	does(t, rows("ann"), h, "request@1.2", "")
	// The same id in a row that is overwritten, and in a request that cannot be taken back.
	h = explore.Each(func(ctx context.Context, in *explore.Instance, m *azqueue.DequeuedMessage) error {
		id := newID()
		err := post(ctx, in, "https://crm.example/contacts", id, *m.MessageID)
		return errors.Join(err, insert(ctx, in, *m.MessageText, map[string]any{"ID": id}))
	})
	does(t, rows("ann"), h, "C@1.4", explore.Changed)
}

// Work that takes longer than the lease is begun by a second worker before it is done,
// and its delete finds the receipt void: though nothing fails the message is never settled.
func TestWorkOutlastsTheLease(t *testing.T) {
	h := explore.Each(func(ctx context.Context, in *explore.Instance, m *azqueue.DequeuedMessage) error {
		time.Sleep(150 * time.Second)
		return addBlindly(ctx, in, m)
	})
	f := breaks(t, "zombie", orders("one"), h, explore.Stuck)
	if len(f.Schedule.Faults) != 0 || f.Schedule.Workers != 2 {
		t.Errorf("schedule %s, want two workers and no fault", f.Schedule)
	}
}

// A worker that renews its lease works as long as it likes.
func TestRenewalSurvives(t *testing.T) {
	survives(t, orders("one"), renewing(func(ctx context.Context, in *explore.Instance, m *azqueue.DequeuedMessage) error {
		time.Sleep(150 * time.Second)
		return addOnce(ctx, in, m)
	}, true))
}

// A renewal that is never stopped outlives its message.
func TestRenewalLeftRunningLeaks(t *testing.T) {
	breaks(t, "leak", orders("one"), renewing(addOnce, false), explore.Leak)
}

// renewing is a worker that renews the lease every minute, and settles with the newest
// receipt.
func renewing(work func(context.Context, *explore.Instance, *azqueue.DequeuedMessage) error, stop bool) explore.Handler {
	return func(ctx context.Context, in *explore.Instance) error {
		m, err := receive(ctx, in, 2*time.Minute)
		if m == nil {
			return err
		}
		stopped, done := make(chan struct{}), make(chan struct{})
		go func() {
			defer close(done)
			ticker := time.NewTicker(time.Minute)
			defer ticker.Stop()
			for {
				select {
				case <-stopped:
					return
				case <-ticker.C:
				}
				lease := int32(120)
				renewed, err := in.Queue("orders").UpdateMessage(ctx, *m.MessageID, *m.PopReceipt, *m.MessageText,
					&azqueue.UpdateMessageOptions{VisibilityTimeout: &lease})
				if err == nil {
					m.PopReceipt = renewed.PopReceipt
				}
			}
		}()
		if err = work(ctx, in, m); stop {
			close(stopped)
			<-done
		}
		if err != nil {
			return err
		}
		return settle(ctx, in, m)
	}
}

func TestPanicIsReported(t *testing.T) {
	h := explore.Each(func(ctx context.Context, in *explore.Instance, m *azqueue.DequeuedMessage) error {
		got, err := in.Storage().DownloadStream(ctx, "stats", "total", nil)
		if err != nil {
			fmt.Println(got.Body.Close()) // nil: there is no body
		}
		return thumbnail(ctx, in, m)
	})
	breaks(t, "panic", orders("one"), h, explore.Panic)
}

// A retry without end and without pause.
func TestEndlessRetryIsReported(t *testing.T) {
	h := explore.Each(func(ctx context.Context, in *explore.Instance, m *azqueue.DequeuedMessage) error {
		_, etag, err := get(ctx, in, "total")
		if err != nil {
			return err
		}
		for { // the same stale ETag again and again
			if err = put(ctx, in, "total", counter{N: number(m)}, etag); err == nil {
				return nil
			}
		}
	})
	w := orders("7")
	w.Limits.Operations = 500
	breaks(t, "endless", w, h, explore.Endless)
}

// A wait for something outside of the bubble never ends in virtual time.
func TestWatchdog(t *testing.T) {
	w := orders("one")
	w.Limits.Watchdog = 100 * time.Millisecond
	var outside = make(chan struct{}) // made outside of the bubble
	r := explore.Check(t, w, func(ctx context.Context, in *explore.Instance) error {
		<-outside
		return nil
	})
	close(outside)
	if r.Failure == nil || r.Failure.Harm != explore.Endless {
		t.Errorf("found %v, want an endless schedule", r.Failure)
	}
}

// An old message that comes late overwrites newer state: both set the price.
func TestOldMessageOverwritesNewerState(t *testing.T) {
	h := explore.Each(func(ctx context.Context, in *explore.Instance, m *azqueue.DequeuedMessage) error {
		return upload(ctx, in, "stats", "price", *m.MessageText)
	})
	f := breaks(t, "old_late", orders("10", "12"), h, explore.Changed)
	if want := "C@1.3"; f.Schedule.String() != want {
		t.Errorf("schedule %s, want %s", f.Schedule, want)
	}
	// A crash before the price is written makes the first message the later one: that order
	// of the two is as good as the other, and the price is that of an execution that handles
	// each once.
	does(t, orders("10", "12"), h, "crash+@1.1", "")
}

func post(ctx context.Context, in *explore.Instance, url, body, key string) error {
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, url, strings.NewReader(body))
	if err != nil {
		return err
	}
	if key != "" {
		r.Header.Set("Idempotency-Key", key)
	}
	got, err := in.HTTP().Do(r)
	if err != nil {
		return err
	}
	return got.Body.Close()
}

// A payment is made twice, unless the one who is paid can tell that it is the same one.
func TestPaymentTwice(t *testing.T) {
	pay := func(key bool) explore.Handler {
		return explore.Each(func(ctx context.Context, in *explore.Instance, m *azqueue.DequeuedMessage) error {
			id := ""
			if key {
				id = *m.MessageID
			}
			return post(ctx, in, "https://pay.example/payments", "EUR 10", id)
		})
	}
	breaks(t, "payment", orders("one"), pay(false), explore.Repeated)
	survives(t, orders("one", "two"), pay(true))
}

// Messages remembered in the memory of a process are forgotten by its crash.
func TestMemoryDoesNotSurvive(t *testing.T) {
	remembering := func(*explore.Instance) explore.Handler {
		seen := map[string]bool{}
		return explore.Each(func(ctx context.Context, in *explore.Instance, m *azqueue.DequeuedMessage) error {
			if seen[*m.MessageID] {
				return nil
			}
			if err := addBlindly(ctx, in, m); err != nil {
				return err
			}
			seen[*m.MessageID] = true
			return nil
		})
	}
	does(t, orders("one"), explore.Process(remembering), "C@1.4", "")
	does(t, orders("one"), explore.Process(remembering), "crash+@1.3", explore.Changed)
}
