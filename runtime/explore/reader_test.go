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

// copied is what the customer has at the end.
func copied(s explore.State) string { return string(s.Blobs["stats"]["key-ann"].Content) }

func TestReader(t *testing.T) {
	w := orders("ann", "bob")
	survives(t, w, explore.Each(issues))
	w.Reader = copied
	breaks(t, "reader", w, explore.Each(issues), explore.Seen)
	survives(t, w, explore.Each(issuesOnce))
}

// He sees what exactly-once executions show him, too: one value after the other.
func TestReaderOfProgress(t *testing.T) {
	w := orders("ann")
	w.Reader = func(s explore.State) string { return string(s.Blobs["stats"]["status"].Content) }
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
