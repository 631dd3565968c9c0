// Package labels prints shipping labels into a container that the packing tables watch.
package labels

import (
	"context"
	"encoding/json"
	"log"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/to"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/container"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azqueue"
)

const batch = 8

// PrintLoop is the whole worker: one loop, no helpers.
func PrintLoop(ctx context.Context, q *azqueue.QueueClient, out *container.Client, l *log.Logger) {
	for {
		select {
		case <-ctx.Done():
			return
		default:
		}
		res, err := q.DequeueMessages(ctx, &azqueue.DequeueMessagesOptions{
			NumberOfMessages:  to.Ptr(int32(batch)),
			VisibilityTimeout: to.Ptr(int32(600)),
		})
		if err != nil {
			l.Printf("receive: %v", err)
			time.Sleep(5 * time.Second)
			continue
		}
		for _, m := range res.Messages {
			if *m.DequeueCount > 10 {
				l.Printf("label %s keeps failing", *m.MessageID)
			}
			var label struct {
				Parcel  string
				Address []string
				Quiet   bool
			}
			if err := json.Unmarshal([]byte(*m.MessageText), &label); err != nil {
				l.Printf("bad label %s: %v", *m.MessageID, err)
				continue
			}
			text := label.Parcel + "\n"
			for _, a := range label.Address {
				text += a + "\n"
			}
			if _, err := out.NewBlockBlobClient("labels/"+*m.MessageID).UploadBuffer(ctx, []byte(text), nil); err != nil {
				l.Printf("upload %s: %v", label.Parcel, err)
				continue
			}
			if label.Quiet {
				continue // want `work succeeded.*unsettled.*\(missingdelete\)`
			}
			l.Printf("printed %s", label.Parcel)
			if _, err := q.DeleteMessage(ctx, *m.MessageID, *m.PopReceipt, nil); err != nil {
				l.Printf("delete %s: %v", *m.MessageID, err)
			}
		}
	}
}
