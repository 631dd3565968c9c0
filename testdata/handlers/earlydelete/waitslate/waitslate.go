// Package waitslate mirrors catalogue entries into a table with an errgroup.
//
// Wrong: there is a Wait, but it comes after the deletes. A crash while the group works, or an upsert that fails,
// loses entries whose messages are already gone.
//
// Message: {"isbn":"978-1","title":"Dune"}
package waitslate

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/to"
	"github.com/Azure/azure-sdk-for-go/sdk/data/aztables"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azqueue"
	"golang.org/x/sync/errgroup"
)

type entry struct {
	ISBN  string `json:"isbn"`
	Title string `json:"title"`
}

// Mirror takes one batch and returns the first error of the group.
func Mirror(ctx context.Context, changes *azqueue.QueueClient, catalogue *aztables.Client) error {
	batch, err := changes.DequeueMessages(ctx, &azqueue.DequeueMessagesOptions{
		NumberOfMessages:  to.Ptr(int32(16)),
		VisibilityTimeout: to.Ptr(int32(120)),
	})
	if err != nil {
		return fmt.Errorf("changes: %w", err)
	}

	g, gctx := errgroup.WithContext(ctx)
	g.SetLimit(4)
	for _, m := range batch.Messages {
		g.Go(func() error {
			return upsert(gctx, catalogue, *m.MessageText)
		})
		if _, err := changes.DeleteMessage(ctx, *m.MessageID, *m.PopReceipt, nil); err != nil { // want `\(earlydelete\)`
			return fmt.Errorf("delete %s: %w", *m.MessageID, err)
		}
	}
	return g.Wait()
}

func upsert(ctx context.Context, catalogue *aztables.Client, text string) error {
	var e entry
	if err := json.Unmarshal([]byte(text), &e); err != nil {
		return err
	}
	row, err := json.Marshal(map[string]string{"PartitionKey": "books", "RowKey": e.ISBN, "Title": e.Title})
	if err != nil {
		return err
	}
	_, err = catalogue.UpsertEntity(ctx, row, &aztables.UpsertEntityOptions{UpdateMode: aztables.UpdateModeReplace})
	return err
}
