// Package heartbeatlock renews beside the work, and hands the receipt over under a lock.
//
// Right: the delete takes the newest receipt.
package heartbeatlock

import (
	"context"
	"log"
	"sync"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/to"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azqueue/v2"
)

// Work handles one message.
func Work(ctx context.Context, q *azqueue.QueueClient, blobs *azblob.Client, render func(context.Context, string) ([]byte, error)) error {
	resp, err := q.DequeueMessage(ctx, &azqueue.DequeueMessageOptions{VisibilityTimeout: to.Ptr(int32(60))})
	if err != nil || len(resp.Messages) == 0 {
		return err
	}
	m := resp.Messages[0]
	var mu sync.Mutex
	receipt := *m.PopReceipt
	work, stop := context.WithCancel(ctx)
	defer stop()
	go func() {
		tick := time.NewTicker(20 * time.Second)
		defer tick.Stop()
		for {
			select {
			case <-work.Done():
				return
			case <-tick.C:
			}
			mu.Lock()
			up, err := q.UpdateMessage(work, *m.MessageID, receipt, *m.MessageText, &azqueue.UpdateMessageOptions{VisibilityTimeout: to.Ptr(int32(60))})
			if err == nil {
				receipt = *up.PopReceipt
			}
			mu.Unlock()
			if err != nil {
				log.Print(err)
				stop()
				return
			}
		}
	}()
	page, err := render(work, *m.MessageText)
	if err != nil {
		return err
	}
	if _, err := blobs.UploadBuffer(work, "pages", *m.MessageID, page, nil); err != nil {
		return err
	}
	mu.Lock()
	defer mu.Unlock()
	_, err = q.DeleteMessage(ctx, *m.MessageID, receipt, nil)
	return err
}
