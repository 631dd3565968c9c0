package explore_test

import (
	"context"
	"testing"

	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azqueue/v2"

	"github.com/idemlint/idemlint/runtime/explore"
	"github.com/idemlint/idemlint/runtime/idem"
)

// What the README quotes.

func TestShopCounter(t *testing.T) {
	world := explore.World{
		Queue:    "orders",
		Messages: []string{"apples", "bread"},
		Before: func(ctx context.Context, in *explore.Instance) error {
			_, err := in.Storage().CreateContainer(ctx, "stats", nil)
			return err
		},
	}
	explore.Run(t, world, func(ctx context.Context, in *explore.Instance) error {
		return countOrder(ctx, in.Queue("orders"), in.Storage())
	})
}

// countOrder receives an order, counts it and deletes it.
func countOrder(ctx context.Context, queue *azqueue.QueueClient, blobs *azblob.Client) error {
	got, err := queue.DequeueMessage(ctx, nil)
	if err != nil || len(got.Messages) == 0 {
		return err
	}
	m := got.Messages[0]
	stats := idem.Blob(blobs.ServiceClient().NewContainerClient("stats").NewBlockBlobClient("orders"))
	if _, err := idem.Update(ctx, stats, *m.MessageID, func(n *int) error { *n++; return nil }); err != nil {
		return err
	}
	_, err = queue.DeleteMessage(ctx, *m.MessageID, *m.PopReceipt, nil)
	return err
}
