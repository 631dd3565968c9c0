// Package fines files parking fines.
//
// Right: there are several `continue` after work, two of them labelled, but each comes after a delete or after a failure.
package fines

import (
	"context"
	"encoding/json"
	"log"
	"slices"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/to"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/container"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azqueue/v2"
)

type fine struct {
	Plate  string
	Photos []string
	Waived bool
}

// Collect files until the context ends.
func Collect(ctx context.Context, q *azqueue.QueueClient, files *container.Client) {
poll:
	for ctx.Err() == nil {
		r, err := q.DequeueMessages(ctx, &azqueue.DequeueMessagesOptions{NumberOfMessages: to.Ptr(int32(4)), VisibilityTimeout: to.Ptr(int32(600))})
		if err != nil || len(r.Messages) == 0 {
			time.Sleep(5 * time.Second)
			continue poll
		}
	messages:
		for m := range slices.Values(r.Messages) {
			var f fine
			if err := json.Unmarshal([]byte(*m.MessageText), &f); err != nil {
				log.Printf("fine %s, delivery %d: %v", *m.MessageID, *m.DequeueCount, err)
				continue messages
			}
			base := *m.MessageID + "/"
			if f.Waived {
				if _, err := files.NewBlockBlobClient(base+"waived").UploadBuffer(ctx, []byte(f.Plate), nil); err != nil {
					log.Printf("fine %s: %v", *m.MessageID, err)
					continue messages
				}
				if _, err := q.DeleteMessage(ctx, *m.MessageID, *m.PopReceipt, nil); err != nil {
					log.Printf("fine %s: %v", *m.MessageID, err)
				}
				continue messages
			}
			for _, photo := range f.Photos {
				if _, err := files.NewBlockBlobClient(base+photo).UploadBuffer(ctx, []byte(f.Plate), nil); err != nil {
					log.Printf("fine %s, photo %s: %v", *m.MessageID, photo, err)
					continue messages
				}
			}
			if _, err := q.DeleteMessage(ctx, *m.MessageID, *m.PopReceipt, nil); err != nil {
				log.Printf("fine %s: %v", *m.MessageID, err)
				continue poll
			}
		}
	}
}
