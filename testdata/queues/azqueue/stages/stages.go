// Package stages works in two stages and asks for more time before each.
//
// Wrong: the receipt stands in a variable that nobody changes; the second renewal is
// refused already.
package stages

import (
	"context"
	"log"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/to"
	"github.com/Azure/azure-sdk-for-go/sdk/data/aztables"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azqueue"
)

// Run handles one message.
func Run(ctx context.Context, q *azqueue.QueueClient, rows *aztables.Client) error {
	r, err := q.DequeueMessage(ctx, nil)
	if err != nil || len(r.Messages) == 0 {
		return err
	}
	id, receipt, text := *r.Messages[0].MessageID, *r.Messages[0].PopReceipt, *r.Messages[0].MessageText
	more := azqueue.UpdateMessageOptions{VisibilityTimeout: to.Ptr(int32(120))}
	_, err = q.UpdateMessage(ctx, id, receipt, text, &more) // want `new receipt is dropped.*UpdateMessage is given the old one.*\(stalereceipt\)`
	if err != nil {
		return err
	}
	if _, err := rows.UpsertEntity(ctx, []byte(text), nil); err != nil {
		return err
	}
	log.Printf("%s: first stage", id)
	_, err = q.UpdateMessage(ctx, id, receipt, text, &more) // want `new receipt is dropped.*DeleteMessage is given the old one.*\(stalereceipt\)`
	if err != nil {
		return err
	}
	if _, err := rows.UpsertEntity(ctx, []byte(text), &aztables.UpsertEntityOptions{UpdateMode: aztables.UpdateModeReplace}); err != nil {
		return err
	}
	_, err = q.DeleteMessage(ctx, id, receipt, nil)
	return err
}
