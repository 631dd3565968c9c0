// Package washer cleans machines.
//
// Right: the three minutes of rinsing come after the delete, the pause of a minute after a failed receive; within
// the lease of 30 s there is one upload.
package washer

import (
	"context"
	"log"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azqueue/v2"
)

const rinsing = 3 * time.Minute

// Washer washes.
type Washer struct {
	queue *azqueue.QueueClient
	book  *azblob.Client
}

// Loop washes until the context ends.
func (w *Washer) Loop(ctx context.Context) {
	for ctx.Err() == nil {
		resp, err := w.queue.DequeueMessage(ctx, nil)
		if err != nil {
			log.Printf("washer: %v", err)
			time.Sleep(time.Minute)
			continue
		}
		if len(resp.Messages) > 0 {
			w.wash(ctx, resp.Messages[0])
		}
	}
}

func (w *Washer) wash(ctx context.Context, m *azqueue.DequeuedMessage) {
	if _, err := w.book.UploadBuffer(ctx, "washed", *m.MessageID, []byte(*m.MessageText), nil); err != nil {
		log.Printf("washer: %s, delivery %d: %v", *m.MessageID, *m.DequeueCount, err)
		return
	}
	if _, err := w.queue.DeleteMessage(ctx, *m.MessageID, *m.PopReceipt, nil); err != nil {
		log.Printf("washer: delete %s: %v", *m.MessageID, err)
		return
	}
	time.Sleep(rinsing)
}
