package explore_test

import (
	"context"
	"testing"

	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/bloberror"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azqueue/v2"

	"github.com/idemlint/idemlint/runtime/explore"
)

// What was overwritten with something as good does not count, unless somebody has read it
// in between: here a customer, who copies the key of his order.

func issues(ctx context.Context, in *explore.Instance, m *azqueue.DequeuedMessage) error {
	return upload(ctx, in, "stats", "key-"+*m.MessageText, newID())
}

func issuesOnce(ctx context.Context, in *explore.Instance, m *azqueue.DequeuedMessage) error {
	err := createOnly(ctx, in, "key-"+*m.MessageText, newID())
	if bloberror.HasCode(err, bloberror.BlobAlreadyExists) {
		return nil
	}
	return err
}

// contentOf reads a blob.
func contentOf(name string) func(explore.State) []string {
	return func(s explore.State) []string { return []string{string(s.Blobs["stats"][name].Content)} }
}

func TestReader(t *testing.T) {
	w := orders("ann", "bob")
	survives(t, w, explore.Each(issues))
	w.Reader = contentOf("key-ann")
	breaks(t, "reader", w, explore.Each(issues), explore.Seen)
	survives(t, w, explore.Each(issuesOnce))
}

// He may read several keys, each of which may have one value.
func TestReaderOfSeveralKeys(t *testing.T) {
	w := orders("ann", "bob")
	w.Reader = func(s explore.State) []string {
		return append(contentOf("key-ann")(s), contentOf("key-bob")(s)...)
	}
	does(t, w, explore.Each(issuesOnce), "overlap@1.2", "")
	does(t, w, explore.Each(issues), "overlap@1.2", "")
	does(t, w, explore.Each(issues), "overlap@1.2,C@2.3", explore.Seen)
}

// He sees what exactly-once executions show him, too: one value after the other.
func TestReaderOfProgress(t *testing.T) {
	w := orders("ann")
	w.Reader = contentOf("status")
	h := explore.Each(func(ctx context.Context, in *explore.Instance, m *azqueue.DequeuedMessage) error {
		if err := upload(ctx, in, "stats", "status", "running"); err != nil {
			return err
		}
		return upload(ctx, in, "stats", "status", "done")
	})
	does(t, w, h, "C@1.4", "")
	// A failure that passes is one that he sees.
	h = explore.Each(func(ctx context.Context, in *explore.Instance, m *azqueue.DequeuedMessage) error {
		if err := thumbnail(ctx, in, m); err != nil {
			return upload(ctx, in, "stats", "status", "failed")
		}
		return upload(ctx, in, "stats", "status", "done")
	})
	does(t, w, h, "answer@1.2", explore.Changed) // and it stays
	h = explore.Each(func(ctx context.Context, in *explore.Instance, m *azqueue.DequeuedMessage) error {
		err := thumbnail(ctx, in, m)
		if err != nil {
			_ = upload(ctx, in, "stats", "status", "failed")
			return err
		}
		return upload(ctx, in, "stats", "status", "done")
	})
	does(t, w, h, "answer@1.2", explore.Seen)
}
