package explore_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/to"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azqueue/v2"

	"github.com/idemlint/idemlint/runtime/explore"
)

// Exactly-once executions handle one message after the other, whatever a handler takes at
// once.

// batch receives what there is, and hands it to work.
func batch(work func(context.Context, *explore.Instance, []*azqueue.DequeuedMessage) error) explore.Handler {
	return func(ctx context.Context, in *explore.Instance) error {
		got, err := in.Queue("orders").DequeueMessages(ctx, &azqueue.DequeueMessagesOptions{
			NumberOfMessages: to.Ptr(int32(10)), VisibilityTimeout: to.Ptr(int32(120)),
		})
		if err != nil || len(got.Messages) == 0 {
			return err
		}
		return work(ctx, in, got.Messages)
	}
}

// atOnce handles each message of a batch in a goroutine of its own.
func atOnce(handle handle) explore.Handler {
	return batch(func(ctx context.Context, in *explore.Instance, messages []*azqueue.DequeuedMessage) error {
		var group sync.WaitGroup
		failed := make([]error, len(messages))
		for i, m := range messages {
			group.Go(func() {
				if failed[i] = handle(ctx, in, m); failed[i] == nil {
					failed[i] = settle(ctx, in, m)
				}
			})
		}
		group.Wait()
		return errors.Join(failed...)
	})
}

// Two messages of one batch lose an update though nothing goes wrong.
func TestBatchWorkedOnAtOnce(t *testing.T) {
	does(t, orders("one", "two"), atOnce(addBlindly), "none", explore.Changed)
	survives(t, orders("one", "two"), atOnce(addOnce))
}

// One after the other is what they must be like, also in a batch, and also what a message
// puts on its own queue.
func TestBatchWorkedOnInTurn(t *testing.T) {
	inTurn := func(handle handle) explore.Handler {
		return batch(func(ctx context.Context, in *explore.Instance, messages []*azqueue.DequeuedMessage) error {
			for _, m := range messages {
				if err := handle(ctx, in, m); err != nil {
					return err
				}
				if err := settle(ctx, in, m); err != nil {
					return err
				}
			}
			return nil
		})
	}
	survives(t, orders("one", "two", "three"), inTurn(addOnce))
	does(t, orders("one", "two"), inTurn(addBlindly), "none", "")

	splitting := func(ctx context.Context, in *explore.Instance, m *azqueue.DequeuedMessage) error {
		if n := number(m); n > 9 {
			for _, half := range []int{n / 2, n - n/2} {
				if _, err := in.Queue("orders").EnqueueMessage(ctx, fmt.Sprint(half), nil); err != nil {
					return err
				}
			}
			return nil
		}
		return upload(ctx, in, "stats", *m.MessageText, "done")
	}
	survives(t, orders("13", "2"), inTurn(splitting))
}

// A handler that waits for its second message before it begins cannot have them one after
// the other: then both are there from the start.
func TestMessagesThatNeedEachOther(t *testing.T) {
	both := batch(func(ctx context.Context, in *explore.Instance, messages []*azqueue.DequeuedMessage) error {
		if len(messages) < 2 {
			return nil // they come again when their lease ends
		}
		for _, m := range messages {
			if err := errors.Join(addOnce(ctx, in, m), settle(ctx, in, m)); err != nil {
				return err
			}
		}
		return nil
	})
	does(t, orders("one", "two"), both, "none", "")
	does(t, orders("one", "two"), both, "2,1:B@1.1", "")
}

// Work that outlasts its lease is begun a second time before it is done. Where it is safe to
// repeat, and some of it is settled each time, no state tells. Once does.
func TestOnce(t *testing.T) {
	slow := func(lease int32) explore.Handler {
		return func(ctx context.Context, in *explore.Instance) error {
			got, err := in.Queue("orders").DequeueMessages(ctx, &azqueue.DequeueMessagesOptions{
				NumberOfMessages: to.Ptr(int32(10)), VisibilityTimeout: &lease,
			})
			if err != nil {
				return err
			}
			for _, m := range got.Messages {
				time.Sleep(50 * time.Second)
				if err := thumbnail(ctx, in, m); err != nil {
					return err
				}
				_ = settle(ctx, in, m)
			}
			return nil
		}
	}
	w := orders("cat", "dog", "cow")
	w.Limits.Schedules = 50
	survives(t, w, slow(120))
	w.Once = true
	breaks(t, "once", w, slow(120), explore.Twice)
	survives(t, w, slow(180))
	// What fails may be repeated.
	does(t, w, slow(180), "C@1.3", "")
	w.Property = func(explore.State) error { return nil } // and this is told of states alone
	does(t, w, slow(120), "/2:none", explore.Twice)
}
