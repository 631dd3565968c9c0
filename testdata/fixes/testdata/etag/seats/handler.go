// Package seats keeps seats in a table. Without a condition the SDK asks only that the
// row is there; the ETag of the read is a plain value, its address is what the option
// takes.
package seats

import (
	"context"
	"encoding/json"
	"log"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/to"
	"github.com/Azure/azure-sdk-for-go/sdk/data/aztables"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azqueue/v2"
)

// Seat handles what is in the queue.
func Seat(ctx context.Context, queue *azqueue.QueueClient, halls *aztables.Client) {
	resp, err := queue.DequeueMessages(ctx, &azqueue.DequeueMessagesOptions{NumberOfMessages: to.Ptr(int32(8)), VisibilityTimeout: to.Ptr(int32(300))})
	if err != nil {
		log.Print(err)
		return
	}
	for _, m := range resp.Messages {
		var s struct{ Hall, Seat, Guest string }
		if err := json.Unmarshal([]byte(*m.MessageText), &s); err != nil {
			log.Print(err)
			continue
		}
		hall, err := halls.GetEntity(ctx, "halls", s.Hall, nil)
		if err != nil {
			log.Print(err)
			continue
		}
		var row aztables.EDMEntity
		if err := json.Unmarshal(hall.Value, &row); err != nil {
			log.Print(err)
			continue
		}
		row.Properties["Seat"+s.Seat] = s.Guest
		text, err := json.Marshal(row)
		if err != nil {
			log.Print(err)
			continue
		}
		// now: etag
		if _, err := halls.UpdateEntity(ctx, text, &aztables.UpdateEntityOptions{UpdateMode: aztables.UpdateModeReplace}); err != nil {
			log.Print(err)
			continue
		}
		if _, err := queue.DeleteMessage(ctx, *m.MessageID, *m.PopReceipt, nil); err != nil {
			log.Print(err)
		}
	}
}
