package explore_test

import (
	"context"
	"crypto/sha256"
	"fmt"
	"testing"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/bloberror"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azqueue/v2"

	"github.com/idemlint/idemlint/runtime/explore"
)

// What belongs to a delivery and not to the message differs from one delivery to the next
// though nothing is done twice: its receipt, its count, the end of its lease.

// A row that tells of the last attempt is as right after the third one as after the first.
func TestAttemptsMayBeNoted(t *testing.T) {
	noting := func(ctx context.Context, in *explore.Instance, m *azqueue.DequeuedMessage) error {
		return insert(ctx, in, *m.MessageID, map[string]any{
			"Attempt": *m.DequeueCount, "Retries": fmt.Sprintf("retry-%02d", *m.DequeueCount-1),
			"Receipt": *m.PopReceipt, "Hash": fmt.Sprintf("%x", sha256.Sum256([]byte(*m.PopReceipt))),
			"Until": m.TimeNextVisible.Format(time.RFC3339), "UntilSeconds": m.TimeNextVisible.Unix(),
		})
	}
	survives(t, rows("ann"), explore.Each(noting))
	survives(t, rows("ann", "bob"), explore.Each(noting))
}

// But what stands under the count or the receipt is there twice after two attempts.
func TestAttemptsInNames(t *testing.T) {
	numbered := func(ctx context.Context, in *explore.Instance, m *azqueue.DequeuedMessage) error {
		return upload(ctx, in, "stats", fmt.Sprintf("%s-%d.csv", *m.MessageText, *m.DequeueCount), "a;1")
	}
	does(t, orders("cat"), explore.Each(numbered), "B@1.1", "") // one file, of another name
	breaks(t, "attempts", orders("cat"), explore.Each(numbered), explore.Changed)

	hashed := func(ctx context.Context, in *explore.Instance, m *azqueue.DequeuedMessage) error {
		return upload(ctx, in, "stats", fmt.Sprintf("%x", sha256.Sum256([]byte(*m.PopReceipt))), "a;1")
	}
	does(t, orders("cat"), explore.Each(hashed), "B@1.1", "")
	does(t, orders("cat"), explore.Each(hashed), "C@1.3", explore.Changed)

	marked := func(ctx context.Context, in *explore.Instance, m *azqueue.DequeuedMessage) error {
		c, _, err := get(ctx, in, "total")
		if err != nil {
			return err
		}
		c.N++
		c.Applied = append(c.Applied, *m.PopReceipt)
		return put(ctx, in, "total", c, nil)
	}
	does(t, orders("one"), explore.Each(marked), "B@1.1", "")
	breaks(t, "receipts", orders("one"), explore.Each(marked), explore.Changed)
}

// What is done otherwise because of the count is no matter of naming.
func TestDecisionsByTheCount(t *testing.T) {
	first := func(work handle) handle {
		return func(ctx context.Context, in *explore.Instance, m *azqueue.DequeuedMessage) error {
			if *m.DequeueCount > 1 {
				return nil // "done already"
			}
			return work(ctx, in, m)
		}
	}
	does(t, orders("cat"), explore.Each(first(thumbnail)), "B@1.1", explore.Lost)
	does(t, orders("one"), explore.Each(first(addBlindly)), "B@1.1", explore.Lost)
	tagging := func(ctx context.Context, in *explore.Instance, m *azqueue.DequeuedMessage) error {
		state := "new"
		if *m.DequeueCount > 1 {
			state = "returned"
		}
		return upload(ctx, in, "stats", *m.MessageText, state)
	}
	does(t, orders("cat"), explore.Each(tagging), "B@1.1", explore.Changed)
}

// A receipt that is written at two places must be the same at both.
func TestReceiptAtTwoPlaces(t *testing.T) {
	h := explore.Each(func(ctx context.Context, in *explore.Instance, m *azqueue.DequeuedMessage) error {
		err := createOnly(ctx, in, "claim-"+*m.MessageText, *m.PopReceipt)
		if err != nil && !bloberror.HasCode(err, bloberror.BlobAlreadyExists) {
			return err
		}
		return upload(ctx, in, "stats", "holder-"+*m.MessageText, *m.PopReceipt)
	})
	does(t, orders("cat"), h, "B@1.1", "")
	does(t, orders("cat"), h, "C@1.4", explore.Changed)
}
