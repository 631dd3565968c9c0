package explore_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/to"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/blob"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/bloberror"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azqueue/v2"

	"github.com/idemlint/idemlint/runtime/explore"
)

// One handler, or a pair of them, for checks of the catalogue that hazards_test.go does
// not tell about: what breaks, and its mend, which survives.

type handle = func(context.Context, *explore.Instance, *azqueue.DequeuedMessage) error

// createOnly uploads a blob that must not be there.
func createOnly(ctx context.Context, in *explore.Instance, name, content string) error {
	_, err := in.Storage().UploadBuffer(ctx, "stats", name, []byte(content), &azblob.UploadBufferOptions{
		AccessConditions: &blob.AccessConditions{ModifiedAccessConditions: &blob.ModifiedAccessConditions{IfNoneMatch: to.Ptr(azcore.ETagAny)}},
	})
	return err
}

func exists(ctx context.Context, in *explore.Instance, name string) (bool, error) {
	_, _, err := get(ctx, in, name)
	if bloberror.HasCode(err, bloberror.BlobNotFound) {
		return false, nil
	}
	return err == nil, err
}

// checks plays a handler that breaks and its mend.
func checks(t *testing.T, w explore.World, bad handle, kind explore.Harm, good handle) {
	t.Helper()
	r := explore.Check(t, w, explore.Each(bad))
	if r.Err != nil || r.Failure == nil || r.Failure.Harm != kind {
		t.Errorf("%v\n%v\nwant %s", r.Err, r.Failure, kind)
	}
	w.Limits.Schedules = 500
	survives(t, w, explore.Each(good))
}

// conflict: the handler's own earlier success is read as a failure, for ever.
func TestConflict(t *testing.T) {
	bad := func(ctx context.Context, in *explore.Instance, m *azqueue.DequeuedMessage) error {
		return createOnly(ctx, in, *m.MessageID, "{}")
	}
	good := func(ctx context.Context, in *explore.Instance, m *azqueue.DequeuedMessage) error {
		err := createOnly(ctx, in, *m.MessageID, "{}")
		if bloberror.HasCode(err, bloberror.BlobAlreadyExists) {
			return nil
		}
		return err
	}
	checks(t, orders("one"), bad, explore.Stuck, good)
}

// guardskip: what the guard stands for is there, what comes after it is not.
func TestGuardSkip(t *testing.T) {
	bad := func(ctx context.Context, in *explore.Instance, m *azqueue.DequeuedMessage) error {
		there, err := exists(ctx, in, "a-"+*m.MessageID)
		if there || err != nil {
			return err
		}
		if err := put(ctx, in, "a-"+*m.MessageID, counter{}, nil); err != nil {
			return err
		}
		return put(ctx, in, "b-"+*m.MessageID, counter{}, nil)
	}
	good := func(ctx context.Context, in *explore.Instance, m *azqueue.DequeuedMessage) error {
		return errors.Join(
			put(ctx, in, "a-"+*m.MessageID, counter{}, nil),
			put(ctx, in, "b-"+*m.MessageID, counter{}, nil),
		)
	}
	checks(t, orders("one"), bad, explore.Changed, good)
}

// markfirst: the mark says done, the payment was never made.
func TestMarkFirst(t *testing.T) {
	pay := func(ctx context.Context, in *explore.Instance, m *azqueue.DequeuedMessage) error {
		return post(ctx, in, "https://pay.example/payments", "EUR 10", *m.MessageID)
	}
	bad := func(ctx context.Context, in *explore.Instance, m *azqueue.DequeuedMessage) error {
		err := createOnly(ctx, in, *m.MessageID, "{}")
		if bloberror.HasCode(err, bloberror.BlobAlreadyExists) {
			return nil
		}
		if err != nil {
			return err
		}
		return pay(ctx, in, m)
	}
	good := func(ctx context.Context, in *explore.Instance, m *azqueue.DequeuedMessage) error {
		there, err := exists(ctx, in, *m.MessageID)
		if there || err != nil {
			return err
		}
		if err := pay(ctx, in, m); err != nil {
			return err
		}
		return put(ctx, in, *m.MessageID, counter{}, nil)
	}
	checks(t, orders("one"), bad, explore.Repeated, good)
}

// checkthenact: two workers see nothing, and both act.
func TestCheckThenAct(t *testing.T) {
	bad := func(ctx context.Context, in *explore.Instance, m *azqueue.DequeuedMessage) error {
		there, err := exists(ctx, in, "first")
		if there || err != nil {
			return err
		}
		if err := put(ctx, in, "first", counter{Applied: []string{*m.MessageID}}, nil); err != nil {
			return err
		}
		return post(ctx, in, "https://example.com/opened", "the first order is there", "")
	}
	good := func(ctx context.Context, in *explore.Instance, m *azqueue.DequeuedMessage) error {
		err := createOnly(ctx, in, "first", "{}")
		if err != nil && !bloberror.HasCode(err, bloberror.BlobAlreadyExists) {
			return err
		}
		return post(ctx, in, "https://example.com/opened", "the first order is there", "once")
	}
	does(t, orders("one", "two"), explore.Each(bad), "overlap@1.3", explore.Repeated)
	w := orders("one", "two")
	w.Limits.Schedules = 500
	survives(t, w, explore.Each(good))
}

// stalereceipt: the delete uses the receipt that the renewal has replaced.
func TestStaleReceipt(t *testing.T) {
	renewed := func(useNewest bool) handle {
		return func(ctx context.Context, in *explore.Instance, m *azqueue.DequeuedMessage) error {
			lease := int32(120)
			answer, err := in.Queue("orders").UpdateMessage(ctx, *m.MessageID, *m.PopReceipt, *m.MessageText,
				&azqueue.UpdateMessageOptions{VisibilityTimeout: &lease})
			if err == nil && useNewest {
				m.PopReceipt = answer.PopReceipt
			}
			return err
		}
	}
	checks(t, orders("one"), renewed(false), explore.Stuck, renewed(true))
}

// batchsettle: a message that fails takes those of its batch with it that are done.
func TestBatch(t *testing.T) {
	batch := func(deleteEach bool) explore.Handler {
		return func(ctx context.Context, in *explore.Instance) error {
			got, err := in.Queue("orders").DequeueMessages(ctx, &azqueue.DequeueMessagesOptions{
				NumberOfMessages: to.Ptr(int32(8)), VisibilityTimeout: to.Ptr(int32(120)),
			})
			if err != nil {
				return err
			}
			for _, m := range got.Messages {
				if err := addWithETag(ctx, in, m); err != nil {
					return err
				}
				if deleteEach {
					if err := settle(ctx, in, m); err != nil {
						return err
					}
				}
			}
			if deleteEach {
				return nil
			}
			for _, m := range got.Messages {
				err = errors.Join(err, settle(ctx, in, m))
			}
			return err
		}
	}
	does(t, orders("one", "two"), batch(false), "request@1.4", explore.Changed) // the first is added again
	does(t, orders("one", "two"), batch(true), "request@1.5", "")
}

// canceldelete: at each deployment the message is handled again. The stop does the work
// twice if nothing else guards it.
func TestCancelDelete(t *testing.T) {
	own := func(ctx context.Context, in *explore.Instance) error {
		m, err := receive(ctx, in, 2*time.Minute)
		if m == nil {
			return err
		}
		if err := addWithETag(ctx, in, m); err != nil {
			return err
		}
		_, err = in.Queue("orders").DeleteMessage(ctx, *m.MessageID, *m.PopReceipt, nil)
		return err
	}
	does(t, orders("one"), own, "stop@1.4", explore.Changed)
	does(t, orders("one"), explore.Each(addWithETag), "stop@1.4", "") // its delete is detached
}

// zombie: the work goes on though its renewal has failed, and overwrites the work of the
// second worker.
func TestZombie(t *testing.T) {
	report := func(name string) handle {
		return func(ctx context.Context, in *explore.Instance, m *azqueue.DequeuedMessage) error {
			c, _, err := get(ctx, in, "total")
			if err != nil {
				return err
			}
			time.Sleep(100 * time.Second)
			return upload(ctx, in, "stats", name, fmt.Sprint(*m.MessageText, " at ", c.N))
		}
	}
	// Both write the same: the counter did not change.
	does(t, orders("one"), explore.Each(report("report")), "freeze@1.3", "")
	// With a second message that counts on, the thawed worker writes what it read long ago.
	counting := func(ctx context.Context, in *explore.Instance, m *azqueue.DequeuedMessage) error {
		if *m.MessageText == "count" {
			return addOnce(ctx, in, m)
		}
		return report("report")(ctx, in, m)
	}
	does(t, orders("report", "count"), explore.Each(counting), "freeze@1.3", "") // as if it had come first
	does(t, orders("count", "report"), explore.Each(counting), "B@1.1", "")
}

// A term that is counted from the clock grows with each delivery; a bare stamp does not
// matter, and neither does a term that is written once.
func TestTerms(t *testing.T) {
	subscribe := func(days int, conditional bool) handle {
		return func(ctx context.Context, in *explore.Instance, m *azqueue.DequeuedMessage) error {
			until := time.Now().Add(time.Duration(days) * 24 * time.Hour).Format(time.RFC3339)
			if conditional {
				if err := createOnly(ctx, in, *m.MessageID, until); !bloberror.HasCode(err, bloberror.BlobAlreadyExists) {
					return err
				}
				return nil
			}
			return upload(ctx, in, "stats", *m.MessageID, until)
		}
	}
	does(t, orders("one"), explore.Each(subscribe(30, false)), "C@1.3", explore.Changed)
	does(t, orders("one"), explore.Each(subscribe(30, false)), "B@1.1", "")
	survives(t, orders("one"), explore.Each(subscribe(0, false)))
	survives(t, orders("one"), explore.Each(subscribe(30, true)))
}
